# Who is proposed, why, and when their answer can be expected.

reason-reads-organ = Specialty: { $organ }
reason-network = Member of the network { $network }
reason-coordinating-centre = Coordinating centre of the { $network } network
reason-expert-centre = Expert centre of the { $network } network
reason-subspecialty = { $know_how ->
    [DSM211] Dermatopathologist
    [DSM212] Fetal pathologist
    [DSM225] Neuropathologist
   *[other] Recognised competence for this organ
}
reason-identity-psc = Identity vouched for by Pro Santé Connect
reason-identity-credential = Licence checked by a coordinator
reason-never-came = Has never opened telepath: the request will be their invitation
reason-preferred = Preferred by the requester
reason-rule-prefers = { $noted ->
    [yes] { $scope ->
        [group] Recommended by your group: { $note }
       *[institution] Recommended by your institution: { $note }
    }
   *[no] { $scope ->
        [group] Recommended by your group
       *[institution] Recommended by your institution
    }
}
reason-same-region = Same region: { $region }
reason-regional-first = Your region first: { $region }
reason-pool = Member of “{ $pool }”
reason-language = Language: { $language }
reason-answered-before = { $count ->
    [one] Has given this requester an opinion before
   *[other] Has given this requester { $count } opinions before
}
reason-on-duty = On duty now: it is { $time } in { $city }
reason-at-work = Can be reached now: it is { $time } in { $city }
reason-not-at-work = Outside working hours: it is { $time } in { $city }
reason-back = Back on { $day }
reason-load = { $count ->
    [0] No opinion waiting
    [one] One opinion waiting
   *[other] { $count } opinions waiting
}
reason-usual-answer = Usually answers within { $unit ->
    [days] { $count } days
   *[hours] { $count } h
} ({ $answers } opinions measured)
reason-said-answer = Announces an answer within { $unit ->
    [days] { $count } days
   *[hours] { $count } h
}
reason-late = Answer likely on { $day }, after the deadline
reason-chosen-despite = Chosen in spite of this: { $why }
reason-conflict-same-group = Possible conflict of interest: same group of hospitals, { $group }
reason-conflict-read-before = Has already given an opinion on this case
reason-conflict-declined-requester = Has declined another request of this requester for a conflict of interest
reason-conflict-declined-institution = Has declined a request of this institution for a conflict of interest

exclusion-requester = You are asking.
exclusion-own-institution = Same institution as the case: { $institution }.
exclusion-expert-s-institution = Same institution as the expert: { $institution }.
exclusion-conflict-author = Made this case: their opinion would not be a second one.
exclusion-conflict-member = Also works at the institution of the case: { $institution }.
exclusion-conflict-colleague = Works at the same institution as the author of the case: { $institution }.
exclusion-conflict-seen = Has already opened slides of this case for the requesting institution.
exclusion-conflict-signed = Has already signed an opinion on this case for the requesting institution.
exclusion-conflict-declined-case = Has declined this case for a conflict of interest.
exclusion-conflict-declined-requester = Has declared a conflict of interest with this requester.
exclusion-no-longer-expert = Answers requests no more ({ $institution }).
exclusion-already-asked = Already asked for this request.
exclusion-other-organ = Does not read this organ.
exclusion-rule-excludes = { $noted ->
    [yes] { $scope ->
        [group] Left out by a rule of your group: { $note }
       *[institution] Left out by a rule of your institution: { $note }
    }
   *[no] { $scope ->
        [group] Left out by a rule of your group.
       *[institution] Left out by a rule of your institution.
    }
}
exclusion-not-in-pool = Not one of the chosen pool of experts.
exclusion-not-in-network = Not a member of the network { $network }.
exclusion-not-available = Not available.
exclusion-absent = Away until after the deadline: back on { $day }.

routing-regional-first = Available experts of the region { $region } come first.
routing-national-fallback = No expert of the region { $region } is free: the whole country is proposed.

routing-expected = Answer expected { $when }
routing-expected-there = { $when } in { $city }
routing-more = Other experts proposed ({ $count })
routing-anyway = Choose all the same
routing-anyway-hint = An expert who was left out can be chosen if you say why: the reason is recorded with the request.
routing-barred-hint = For the others, the reason given cannot be set aside.

expected-basis-record = { $count ->
    [one] from one signed opinion
   *[other] from their last { $count } opinions
}
expected-basis-said = as announced, not measured yet
expected-basis-presumed = an estimate, as no opinion was measured yet

soon-minutes = { $count ->
    [0] at once
    [one] in a minute
   *[other] in { $count } minutes
}
soon-today = { $part ->
    [morning] this morning
    [afternoon] this afternoon
   *[evening] this evening
}
soon-tomorrow = { $part ->
    [morning] tomorrow morning
    [afternoon] tomorrow afternoon
   *[evening] tomorrow evening
}
soon-day = { $part ->
    [morning] { $day } morning
    [afternoon] { $day } afternoon
   *[evening] { $day } evening
}

consults-not-offered = Nobody else was asked

audit-detail-despite = Why an expert who was left out was chosen
audit-detail-left-out = Why they were left out

field-despite = Why this choice all the same

experts-prefer = Prefer
experts-forget = Stop preferring
error-preferred-full = You already prefer { $limit } experts. Remove one to add another.

decline-absent = Away or not available
decline-overloaded = Too many opinions under way
decline-other-field = Not the expert’s field
decline-conflict = Conflict of interest
decline-quality = Slides cannot be read
decline-other = Another reason
decline-reason-hint = Needed only for another reason. A conflict of interest is remembered: you will not be proposed to this requester again for this kind of request.
decline-at-once = One click on the reason declines the request. The requester reads it and can ask another expert at once.
field-decline-code = Reason
audit-detail-decline = Reason of the refusal

error-expert-barred = This expert cannot be asked: the reason stands beside their name. Choose another one.
error-override-missing = Say in a few words why you choose an expert who was left out: the reason is recorded with the request.
