# Ce dont chacun veut être prévenu, et comment.

preferences-title = Comment je suis prévenu
preferences-lead = La liste des notifications dit toujours tout. Choisissez ce qui vient aussi par courriel ou par le navigateur.
preferences-link = Choisir comment je suis prévenu
preferences-browser-title = Notifications du navigateur
preferences-browser-text = Pendant qu’une page de telepath est ouverte et que vous faites autre chose, le navigateur peut vous signaler que quelque chose vient d’arriver. Il n’affiche ni nom ni numéro de cas.
preferences-browser-allow = Autoriser sur ce poste
preferences-browser-script = Les notifications du navigateur demandent JavaScript.
preferences-what = Quand
preferences-by-mail = Courriel
preferences-by-browser = Navigateur
preferences-always = Toujours
preferences-save = Enregistrer ces choix
preferences-somebody = un confrère
preferences-group-answering = On me demande un avis
preferences-group-asking = Je demande un avis
preferences-group-talking = Échanges
preferences-group-watching = Délais à surveiller
preferences-group-duties = Astreintes et absences
preferences-group-institution = Mon établissement
done-notices-chosen = Vos choix sont enregistrés.
