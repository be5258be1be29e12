# Of what each person wants to hear, and how.

preferences-title = How I am told
preferences-lead = The list of notifications always tells everything. Choose what also comes by e-mail or in the browser.
preferences-link = Choose how I am told
preferences-browser-title = Browser notifications
preferences-browser-text = While a page of telepath is open and you are doing something else, the browser can tell you that something has come. It shows no name and no case number.
preferences-browser-allow = Allow on this workstation
preferences-browser-script = Browser notifications need JavaScript.
preferences-what = When
preferences-by-mail = E-mail
preferences-by-browser = Browser
preferences-always = Always
preferences-save = Save these choices
preferences-somebody = a colleague
preferences-group-answering = I am asked for an opinion
preferences-group-asking = I ask for an opinion
preferences-group-talking = Conversations
preferences-group-watching = Deadlines to watch
preferences-group-duties = Duties and absences
preferences-group-institution = My institution
done-notices-chosen = Your choices are saved.
