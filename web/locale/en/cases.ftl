# Cases: list, case, specimens, discussion, annotations.

cases-title = Cases
cases-lead = { $place }, and the cases shared with you.
cases-new = New case
cases-filter = Search a number or a title
cases-filter-apply = Search
cases-number = Number
cases-name = Title
cases-organ = Organ
cases-slides = Slides
cases-count = { $count ->
    [0] –
    [one] { $count } slide
   *[other] { $count } slides
}
cases-active = Last activity
cases-pages = Pages of the list
cases-newer = Newer
cases-older = Older
cases-none = No case yet
cases-none-text = A case brings together the slides of one examination, the requests for an opinion, and what is said about it.
cases-none-found = No case matches “{ $wanted }”
cases-show-all = Show all cases

cases-new-title = New case
cases-edit-title = Edit case { $number }
cases-number-hint = Your laboratory’s examination number, or any other pseudonymous number. Never the patient’s name or social security number (NIR, INS).
cases-title-hint = What tells the case from others in a list: “Gastric biopsy, suspected lymphoma”. No identity.
cases-context-hint = Age, sex, history and findings that help the reading. No name, no full date of birth.
cases-organ-choose = Choose an organ
cases-create = Create the case
cases-save = Save
cases-cancel = Cancel
cases-not-saved = The case was not saved
cases-conflict = This is what is saved now. What you typed is kept below: complete it if needed, then save again.

cases-edit = Edit
cases-ask = Ask for an opinion
cases-facts-title = The case
cases-place = Institution
cases-opened-by = Opened by
cases-opened-at = Opened on
cases-slides-title = { $count ->
    [0] Slides
    [one] { $count } slide
   *[other] { $count } slides
}
cases-slide-specimen = Specimen { $label }
cases-slide-block = Block { $block }
cases-slide-size-mm = { $width } × { $height } mm
cases-slide-size-px = { $width } × { $height } px
cases-no-slides = This case has no slide yet
cases-no-slides-administrator = On the server, register a slide file with the command:
cases-no-slides-staff = Add them below.
cases-no-slides-shared = No slide of this case has been shared with you
cases-consults-title = Opinions
cases-consult = Request for an opinion
cases-consult-asked = requested on
cases-no-consults = No opinion requested
cases-no-consults-yours = No opinion that you may see
cases-specimens-title = Specimens
cases-no-specimens = No specimen described.
cases-specimen-add = Add a specimen
cases-specimen-hint = The laboratory’s letter or number: A, B1.
cases-specimen-save = Add
cases-thread-title = Discussion
cases-thread-empty = Nothing has been written yet.
cases-thread-earlier = { $count ->
    [one] One earlier message
   *[other] { $count } earlier messages
}
cases-thread-consult = { $count ->
    [0] Request for an opinion
   *[other] Request for an opinion to { $experts }
}
cases-thread-hint = Written in the case: read by everybody who has access to it, and in each request for an opinion. To answer one expert only, write in that request. No patient identity.
cases-send = Send
cases-see-field = Show the field ({ $slide })
cases-attached = With the field of slide { $slide }.
cases-detach = Do not attach

field-number = Number
field-organ = Organ
field-title = Title
field-context = Clinical information
field-label = Label
field-description = Description

error-case-organ = Choose an organ from the list.
error-case-number-patient = This number looks like a social security number (NIR, INS). Give a number that does not point to the patient.
error-case-number-form = The number is made of letters without accents, digits, spaces and . / _ - ; it begins and ends with a letter or a digit.
error-case-number-taken = Another case of your institution already has the number { $number }.
error-specimen-taken = This case already has a specimen { $label }.
error-specimen-too-many = A case has { $limit } specimens at most.
error-annotation-operation = The identifier of the operation is not valid.
error-annotation-operation-used = This annotation has already been dealt with. Reload the slide.
error-annotation-geometry = The shape that was drawn is not valid.
error-annotation-outside = The annotation leaves the slide.
error-annotation-too-many = A slide has { $limit } annotations at most.
error-body-type = What this page sent has not the expected form. Reload it, then try again.
error-body-unreadable = What this page sent is not understood. Reload it, then try again.
