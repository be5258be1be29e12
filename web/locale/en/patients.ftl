# Who the patient of a case is: INS, traits, status. It stands on pages of its own alone.

patients-title = Patient identity
patients-known = The identity is recorded, encrypted and apart. Each look at it is written in the log.
patients-unknown = No identity is recorded for this case. It is optional: the number of the case is enough to ask for an opinion.
patients-unknown-shared = The requesting institution has not recorded the patient’s identity.
patients-empty = No identity recorded
patients-show = Show the identity
patients-enter = Enter the identity
patients-edit = Edit
patients-recorded = This look is written in the log.
patients-changed = Last changed:
patients-traits = Identity traits
patients-trust = Status and national health identity
patients-ins = National health identity (INS)
patients-no-ins = No INS: only a recovered or qualified identity has one.
patients-oid-number = OID
patients-oid-nir = NIR, permanent identity
patients-oid-nia = NIA, waiting identity
patients-oid-nir-test = NIR for tests
patients-oid-nir-demo = NIR for demonstrations
patients-no-oid = No INS
patients-fictive = Invented patient
patients-day = { $day }/{ $month }/{ $year }
patients-choose = Choose
patients-sex-f = Female
patients-sex-m = Male
patients-sex-i = Undetermined
patients-status-provisional = Provisional
patients-status-recovered = Recovered
patients-status-validated = Validated
patients-status-qualified = Qualified
patients-status-hint-provisional = as declared, without a document or the INSi service.
patients-status-hint-recovered = from the INSi service, without a document.
patients-status-hint-validated = checked on an identity document, without the INSi service.
patients-status-hint-qualified = from the INSi service and checked on an identity document.

patients-siblings = Other cases of this patient
patients-siblings-count = { $count ->
    [one] The same patient has one other case here:
   *[other] The same patient has { $count } other cases here:
}
patients-siblings-none = No other case of this institution has this INS.
patients-siblings-unknown = Without an INS the other cases of the same patient cannot be found.
patients-shared-with = { $count ->
    [one] The same patient has one other case here: what you save counts for it too. If you change or remove the INS, this case alone is separated from the others.
   *[other] The same patient has { $count } other cases here: what you save counts for them too. If you change or remove the INS, this case alone is separated from the others.
}

patients-form-title = Who is the patient?
patients-form-lead = Read by the care staff of your institution, and by the expert if you choose so when you ask for an opinion. Nobody else sees it.
patients-birth-name-hint = The one on the birth certificate. Capitals and accents are made uniform when it is saved.
patients-given-names-hint = All of them, in their order, separated by spaces.
patients-birth-place-hint = INSEE code of the commune, or of the country (99…), five characters; 99999 if unknown. Needed with an INS.
patients-matricule-hint = Fifteen characters with the key, as the INSi service gives them.
patients-save = Save
patients-not-saved = The identity was not saved
patients-remove-title = Remove the identity from this case
patients-remove-hint = If it is another patient’s. What belongs to no case any more is destroyed, and cannot be brought back.
patients-remove = Remove the identity
done-patient-changed = Identity saved.
done-patient-removed = Identity removed from this case.

patients-share = The expert sees the patient’s identity
patients-share-hint = Otherwise the expert knows the number of the case alone. It is shown once the request is accepted, for as long as the case, and each look is written in the log.
patients-shared = Patient identity
patients-shared-yes = visible to the expert
patients-shared-no = not shared

field-birth-name = Birth name
field-given-names = Birth given names
field-used-name = Name used
field-used-given-name = Given name used
field-birth-date = Date of birth
field-sex = Sex
field-birth-place = Place of birth
field-status = Status of the identity
field-matricule = INS number
field-oid = Kind of INS

error-patient-matricule-form = This number does not have the form of an INS: fifteen characters, digits (and A or B for Corsica). Copy it with its key.
error-patient-matricule-key = The key (the last two digits) does not fit this number: one character is wrong. Check it.
error-patient-name = The field “{ $field }” holds something other than letters, spaces, hyphens and apostrophes. Take it out.
error-patient-date = The date of birth does not exist. Give year, month and day; if the day is unknown, the first of the month.
error-patient-date-impossible = The date of birth is in the future, or too long ago. Check it.
error-patient-place = The place of birth is an INSEE code of five characters, not the name of a town: for instance 75056, 2A004 or 99134.
error-patient-ins-needs = A recovered or qualified identity comes from the INSi service: “{ $field }” is missing. Fill it in, or choose another status.
error-patient-ins-too-much = A provisional or validated identity has no INS. Take the number out, or choose the status recovered or qualified.
error-patient-other-traits = This INS already belongs to a patient of your institution whose traits are different. Ask the INSi service again, then correct what is typed here or in the other case.

audit-detail-shows-identity = Patient identity shown to the expert
