# After the answer: what the requester makes of it, incidents, what became of the case, another opinion.

adoption-title = Your decision on this opinion
adoption-title-expert = The requester’s decision on your opinion
adoption-adopted = Adopted
adoption-refused = Refused
adoption-contested = Contested
adoption-disputed-contested = The requester contests your opinion
adoption-disputed-refused = The requester does not follow your opinion
adoption-disputed-read = Read the reason, and answer it
adoption-adopt = Adopt the opinion
adoption-other = Refuse or contest
adoption-other-hint = The expert will read your reason, and can add an addendum or propose another reading. The case is open to them again for 30 days.
adoption-refuse = Refuse: I do not follow this opinion
adoption-contest = Contest: I ask the expert to come back to it
adoption-send = Send to the expert
adoption-decided = { $adoption } by the requester
adoption-change = Change the decision
adoption-expert-next = You can sign an addendum, or propose that another expert reads the case.
adoption-to-addendum = Write an addendum
adoption-another = Propose another reading
adoption-another-send = Propose to the requester
adoption-not-decided = Your decision was not recorded
adoption-not-proposed = The proposal was not sent
field-adoption-reason = Reason
field-adoption-choice = Your decision
field-another-text = Why, and whom to think of

incidents-title = Technical incidents
incidents-note-title = Note a technical incident
incidents-note-hint = It will stand in the report.
incidents-note = Note the incident
incidents-not-noted = The incident was not noted
incidents-by = noted by { $name }
incident-image = Image unreadable or out of focus
incident-network = Network or bandwidth
incident-scanner = Slide scanner
incident-service = Service unavailable
incident-other = Other
field-incident-kind = Incident
field-incident-text = What happened

outcome-title = What became of the case
outcome-hint = The expert is told: that is how one learns.
outcome-record-title = Add a later result
outcome-record = Record, and tell the expert
outcome-not-recorded = The result was not recorded
outcome-excision = Excision specimen
outcome-molecular = Molecular pathology
outcome-follow-up = Clinical follow-up
outcome-other = Other
verdict-confirms = Confirms the opinion
verdict-changes = Changes the diagnosis
verdict-open = Decides neither way
field-outcome-kind = Where this result comes from
field-outcome-verdict = Compared with the opinion
field-outcome-text = Result

outcomes-title = What became of my opinions
outcomes-lead = Requesters note here what they learned after your answer.
outcomes-none = Nothing is known yet
outcomes-none-text = Later results that requesters note about your opinions will appear here.
outcomes-confirmed = Opinions confirmed
outcomes-changed = Diagnoses changed
outcomes-open = Undecided
outcomes-signed = Your opinion of { $date }
outcomes-column-case = Case
outcomes-column-opinion = Your conclusion
outcomes-column-outcome = Later result
outcomes-column-verdict = Compared with the opinion
outcomes-mine = See what became of my opinions

chain-title = Successive opinions on this case
chain-earlier = Earlier opinion
chain-later = Later opinion
chain-earlier-hidden = The earlier opinion is not shown to you: you read without knowing it.
chain-ask = Ask for another opinion
chain-ask-hint = From another expert, on the same case. You choose whether they see the opinion that was given.
chain-follows = This request follows an opinion that was given on this case.
chain-shows-earlier = Show the opinions that were given to the new expert
chain-shows-earlier-hint = Without it, they read without knowing them.
error-chain-unanswered = Another opinion can only be asked for after the answer to the first. Wait for it, or take the first request back.

chain-state-answered = Given on { $date }
chain-state-revoked = Taken back
chain-state-open = Under way

moment-incident = Technical incident noted
moment-outcome = Later result noted
moment-adopted = Opinion adopted
moment-refused = Opinion refused
moment-contested = Opinion contested

done-opinion-decided = Your decision is recorded. The expert is told.
done-another-proposed = Your proposal is sent to the requester.
done-incident-noted = The incident is noted. It will stand in the report.
done-outcome-recorded = The result is recorded. The expert is told.

notices-opinion-adopted = { $by } adopts your opinion.
notices-opinion-contested = { $by } does not follow your opinion as it stands, and says why.
notices-consult-another-proposed = { $by } proposes that another expert reads the case.
notices-outcome-recorded = { $by } tells you what became of a case that you read.

audit-kind-consult-incident-noted = Technical incident noted
audit-kind-consult-outcome-recorded = Later result recorded
audit-kind-opinion-adopted = Opinion adopted
audit-detail-follows = Earlier opinion
audit-detail-shows-earlier = Earlier opinion shown to the new expert
audit-detail-adoption = Decision of the requester
audit-detail-incident = Incident
audit-detail-incident-text = What happened
audit-detail-follow-up = Later result
audit-detail-outcome-text = Text of the result
audit-detail-verdict = Compared with the opinion
