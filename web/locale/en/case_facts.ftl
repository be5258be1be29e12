# What the case says of the diagnosis, of the circumstances and of what the patient was told.

field-diagnosis = First diagnosis
field-gross = Gross description
field-circumstances = Circumstances

cases-diagnosis-title = The diagnosis
cases-diagnosis-hint = Yours, even provisional. The expert compares it with theirs; in a blind reading they see it only afterwards.
cases-gross-hint = Size, appearance, number of fragments, blocks taken.
cases-codings-hint = One code a line, its system first: ADICAP, ICD-O, ICD-10, SNOMED CT. One code is enough for a national network to be proposed.
cases-circumstances-title = Circumstances that matter to the reading
cases-circumstances-hint = Some of them make a national network be proposed.
cases-sealed = You read blind: the first diagnosis and the gross description are shown once you have committed your opinion.
cases-slide-section = Level { $section }
cases-slide-describe = Complete
field-stain = Stain
field-block = Block
field-section = Section level
done-slide-described = Slide completed.

non-opposition-title = What the patient was told
non-opposition-informed = Informed, does not oppose
non-opposition-refused = Opposes the case being shown
non-opposition-unknown = Nobody has noted yet that the patient knows of this request for an opinion and does not oppose it.
non-opposition-noted = Noted by { $name }
non-opposition-refused-text = No request for an opinion, no share and no invitation leaves this case. Requests already sent go on: revoke them if the patient opposes them too.
non-opposition-choose = Note what the patient says
non-opposition-change = Change
non-opposition-legend = The patient
non-opposition-save = Note
field-non-opposition = The patient
done-non-opposition-noted = It is noted in the case.

error-patient-refused = The patient opposes the case being shown: nothing was sent. If they have changed their mind, their team notes it in the case, under “What the patient was told”.

audit-field-proposed-diagnosis = First diagnosis
audit-field-gross-description = Gross description
audit-field-codings = Codes
audit-field-circumstances = Circumstances
audit-field-non-opposition = What the patient was told
audit-field-stain = Stain
audit-field-block = Block
audit-field-section = Section level
