# The request for an opinion: its kind, the network, what calls for it, who is asked.

kind-expert = Expert opinion
kind-network = Second reading by a national network
kind-frozen = Frozen section
kind-teaching = Teaching opinion
kind-board = Tumour board preparation
kind-hint-expert = A colleague answers your question about this case.
kind-hint-network = A second reading by a rare cancer network.
kind-hint-frozen = The patient is in theatre: an answer is expected within minutes.
kind-hint-teaching = An expert’s view to learn from, without consequence for the patient.
kind-hint-board = The slides are reviewed before the multidisciplinary meeting.

trigger-systematic = Systematic reading of the network
trigger-pathologist = Asked by the pathologist
trigger-clinician = Asked by the clinician
trigger-board = Asked by the tumour board
trigger-trial = Inclusion in a trial

policy-named = This expert only
policy-chain = One after another
policy-pool = A group of experts
policy-ring = Everyone who can be reached
policy-hint-named = The expert you choose answers. If they decline, you choose another one.
policy-hint-chain = The expert you choose comes first. After a refusal or no answer, the next on the list is asked without your doing anything.
policy-hint-pool = All experts of the group are asked together. The first to accept gives the opinion.
policy-hint-ring = All experts at work or on duty are called together, in every territory. The first to accept gives the opinion.

proof-kit-gist = GIST that expresses KIT or DOG1
proof-hhv8-kaposi = Kaposi sarcoma that expresses HHV8
proof-translocation = Characteristic translocation shown
proof-mdm2-amplified = Lipomatous tumour with MDM2 amplification
proof-ctnnb1-desmoid = Desmoid tumour with CTNNB1 mutation

field-kind = Kind of request
field-network = Network
field-trigger = What calls for the second reading
field-policy = How experts are asked
field-pool = Group of experts
field-proof = Shown already

error-network-missing = Choose the network that is to read the case again.
error-trigger-missing = Say what calls for the second reading: a rule of the network, you, the clinician or the tumour board.
error-pool-missing = Choose the group of experts to ask.
error-policy-ring = Calling everyone who can be reached is for frozen sections only. For this request, choose one expert, or several one after another.

audit-detail-blind = Read without the first diagnosis
audit-detail-consult-kind = Kind of request
audit-detail-network = Network
audit-detail-policy = How experts are asked
audit-detail-pool = Group of experts
audit-detail-proof = Shown already
audit-detail-trigger = What calls for the second reading

gap-refused = The patient opposes the case being shown: the request cannot be sent. If they have changed their mind, note it in the case.
gap-slides = The case has no slide yet.
gap-non-opposition = The case does not say whether the patient is informed of this request and does not oppose it.
gap-diagnosis = The case has no first diagnosis: the expert has nothing to compare theirs with.
gap-gross = There is no gross description.
gap-codings = There is no diagnostic code: the network cannot tell that the case concerns it.
gap-stain = { $count ->
    [one] One slide has no stain.
   *[other] { $count } slides have no stain.
}
gap-block = { $count ->
    [one] One slide has no block number.
   *[other] { $count } slides have no block number.
}

urgency-within = { $unit ->
    [minutes] { $count } minutes
    [hours] { $count } hours
    [days] { $count } days
   *[working-days] { $count } working days
}

indication-title = This case is one for { $network }: systematic second reading
indication-text = { $covers }. The network reads every new case again.
indication-code = { $system } code { $code }: { $entity }
indication-circumstance = Circumstance: { $circumstance }
indication-take = Ask for this second reading
indication-also = A second reading may also be asked of { $network }
indication-taken = { $network }: { $covers }

requests-terms-title = Kind and time
requests-who-all = All the experts proposed:
requests-network-choose = Choose a network
requests-trigger-choose = Choose what calls for it
requests-proof-none = Nothing, or not known
requests-proof-hint = Where one of these is shown, one reading is enough. Else the network confirms it with a second signature.
requests-within = Answer expected: { $urgency }, { $within }
requests-blind = Blind reading
requests-blind-hint = The expert commits an opinion before seeing your first diagnosis. Both texts are then shown side by side.
requests-blind-short = Opinion committed before the first diagnosis is shown
requests-first-diagnosis = First diagnosis
requests-who-title = Who is asked
requests-pool-choose = Choose a group
requests-together = { $count ->
    [0] Nobody can be asked in this way at present.
    [one] One expert is asked:
   *[other] { $count } experts are asked together:
}
requests-diagnosis-none = The case has none.
requests-diagnosis-sent = Goes with the request as it stands now.
requests-diagnosis-change = Change it in the case
requests-missing-title = Before it is sent
requests-missing-none = Nothing is missing.
requests-missing-question = Write your question.
requests-missing-blocks = Stops the request
requests-missing-warns = To know
requests-missing-mend = Complete
requests-missing-see = See
