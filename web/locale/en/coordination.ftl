# What coordination keeps: pools of experts, duty rosters, rules, turnaround, absences.

nav-coordination = Coordination
nav-duties = Duties
coordination-title = Coordination of opinions
coordination-lead = Who can be asked, when, and within what time, for the requests of { $place }.
coordination-tabs = Parts of the coordination
coordination-pools = Pools of experts
coordination-rules = Routing rules
coordination-turnaround = Turnaround
coordination-save = Save
coordination-not-saved = Nothing was saved

pools-lead = A pool brings together experts of any institution who are asked at once: the first who accepts reads.
pools-none = No pool of experts
pools-none-text = Make one to ask several experts at once, or to keep a duty roster.
pools-new = New pool
pools-make = Make the pool
pools-name-hint = For example: Frozen sections, Antilles-Guyane.
pools-organs = Organs
pools-organs-hint = None ticked: all organs.
pools-all-organs = all organs
pools-network-none = No network
pools-facts = What the pool covers
pools-count = { $count ->
    [0] no member
    [one] { $count } member
   *[other] { $count } members
}
pools-on-call = On duty now
pools-on-call-none = Nobody is on duty now.
pools-see-duties = Duty roster
pools-members = Members
pools-members-none = No member
pools-members-none-text = Without a member, nobody receives the requests sent to this pool. Add a first expert.
pools-member = Expert
pools-place = Institution
pools-since = Since
pools-unable = can no longer answer
pools-unable-hint = No expert in this institution any more, or without access to the service: nothing is asked of them.
pools-add = Add an expert
pools-add-hint = The experts of the organs covered, of any institution. They are told.
pools-add-nobody = All experts known for these organs are in the pool already.
pools-remove = Remove
pools-remove-named = Remove { $name } from the pool
pools-end = End the pool
pools-end-hint = Nobody is asked through this pool any more, and its coming duties are withdrawn. Requests that were sent go on.
error-pool-exists = Your institution already has a pool called “{ $name }”. Choose another name.

roster-title = Duties
roster-lead = { $pool }: week of { $first } to { $last }.
roster-clock = { $zone }; below, those of the territory where they differ.
roster-previous = Week before
roster-this = This week
roster-next = Week after
roster-weeks = Choose the week
roster-nobody = Nobody answers
roster-nobody-text = At these times, no member is on duty, and none is at work:
roster-always = At every hour of this week, a member is on duty or at work.
roster-none = No duty entered
roster-none-text = Enter the first one below: telepath will then show when nobody answers.
roster-territory = Territory
roster-gap = nobody
roster-gap-hint = outside working hours
roster-twice = two people
roster-absent = absent
roster-absent-hint = This person announced an absence at these times.
roster-there = { $place }: { $begin } to { $end }
roster-remove = Remove
roster-remove-named = Remove the duty of { $name }, { $when }
roster-enter = Enter duties
roster-enter-hint = Times are those of the territory. For a rotation, enter each person with the same rhythm, the first day a week later each time.
roster-days = Days on which the duty begins
roster-ends-hint = If the end is not after the beginning, the duty ends on the next day.
roster-every-hint = 1: every week; 3: one week in three.
roster-phone-hint = Shown on this roster, and on an alarm when nobody answers.
roster-go = Enter
roster-nobody-to-enter = Add experts to the pool first.
error-duty-days = Choose at least one day.
error-duty-order = The last day cannot be before the first.
error-duty-long = At most { $days } days are entered at once. Shorten the period.
error-duty-none = None of these days lies in the period. Change the days, or the dates.
error-duty-past = All these duties are over. Change the dates.
error-duty-phone = Give a telephone number, for example +594 594 00 00 00.
error-duty-exists = This person is already on duty for this territory in a part of that time. Remove those duties first, or change the dates.
error-duty-time = Give a time, such as 18:00.

duties-title = My duties
duties-lead = When you answer for a pool of experts. A colleague can take your place: the duty stays yours until they accept.
duties-pools = You belong to: { $pools }.
duties-pools-none = You belong to no pool of experts.
duties-none = No coming duty
duties-none-text = Those that you are given will appear here, and you will be told.
duties-when = When
duties-where = Pool and territory
duties-phone = Telephone
duties-now = now
duties-waiting-you = You are asked
duties-ask-text = { $name } asks you to take this duty.
duties-take = Take it
duties-take-hint = The number where you will answer during this duty.
duties-decline = Decline
duties-ask = Ask a colleague to take it
duties-ask-go = Ask
duties-ask-nobody = No other member of the pool can take it.
duties-asked = { $name } was asked
duties-asked-withdraw = Ask no more
duties-asked-withdraw-named = Ask { $name } no more
duty-swap-taken = taken
duty-swap-declined = declined
duty-swap-withdrawn = withdrawn
error-duty-asked = This colleague has already been asked to take this duty. Wait for the answer, or ask another.
error-duty-answered = This request was answered already, or withdrawn. The list below is up to date.
error-duty-no-member = You can no longer answer for this pool of experts: the duty stays your colleague’s.
error-duty-own = You are already on duty for this territory at these times.

rules-lead = What counts for the requests of your institution, or of the groups of institutions that it leads. Each rule is shown to whoever asks for an opinion, with your comment.
rules-none = No rule
rules-none-text = Experts are proposed by organ, load, working hours and usual turnaround.
rules-new = New rule
rules-make = Add the rule
rules-always = Always
rules-prefer = Propose { $target } first.
rules-exclude = Do not propose { $target }.
rules-regional-first = Propose the experts of the requester’s region first; the whole country if none is free.
rules-for-group = For all members of { $group }
rules-scope = For the requests of
rules-scope-own = your institution
rules-any = Any
rules-any-organ = Any
rules-target-hint = Not needed for “the region first”.
rules-target-blank = Nobody in particular
rules-target-person = Experts
rules-target-institution = Institutions
rules-target-group = Groups of institutions
rules-target-network = National networks
rules-note-hint = Shown with the rule, for example: agreement of 2025.
rules-end = Remove
rules-end-named = Remove the rule: { $rule }
rules-gone = who is no longer there
rule-effect-prefer = propose first
rule-effect-exclude = do not propose
rule-effect-regional-first = the region first
error-rule-nobody = Say whom the rule means, or choose “the region first”.
error-rule-exists = This rule exists already.

turnaround-lead = Within what time you expect an answer. Minutes and hours run day and night; days end when the expert’s department closes. Requests that were sent keep their deadline.
turnaround-urgency = Urgency
turnaround-amount = Time
turnaround-unit = Unit
turnaround-usual = Usual
turnaround-amount-of = Time: { $urgency }
turnaround-unit-of = Unit: { $urgency }
turnaround-minutes = minutes
turnaround-hours = hours
turnaround-days = days
turnaround-working-days = working days
turnaround-said = { $unit ->
    [minutes] { $amount } min
    [hours] { $amount } h
    [days] { $amount ->
        [one] { $amount } day
       *[other] { $amount } days
    }
   *[working-days] { $amount ->
        [one] { $amount } working day
       *[other] { $amount } working days
    }
}

absence-away-title = Without a delegate
absence-away-lead = During these days, no request for an opinion is offered to these people, wherever they work.
absence-away-blank = Nobody
absence-delegate-hint = Without a delegate, no request for an opinion is offered to you, and nothing that you were given is passed on.
absence-away-end-named = End the absence of { $name }
error-absence-exists = An absence is already announced for a part of these days. End that one first.

field-amount = Time
field-amount-frozen = Time of frozen sections
field-amount-urgent = Urgent time
field-amount-standard = Standard time
field-amount-systematic = Time of systematic second readings
field-unit-frozen = Unit
field-unit-urgent = Unit
field-unit-standard = Unit
field-unit-systematic = Unit
field-organs = Organs
field-territory = Territory
field-phone = Telephone
field-ends = End
field-every = Every … weeks
field-colleague = Colleague
field-effect = What the rule does
field-target = Who

done-pool-made = Pool made. Add its experts.
done-pool-changed = Pool changed.
done-pool-joined = Expert added to the pool.
done-pool-left = Expert removed from the pool.
done-pool-ended = Pool ended.
done-duties-entered = Duties entered.
done-duty-withdrawn = Duty removed.
done-rule-made = Rule added.
done-rule-ended = Rule removed.
done-turnaround-changed = Turnaround saved.
done-swap-asked = Asked. The duty stays yours until the answer.
done-swap-taken = The duty is yours now.
done-swap-declined = Your colleague is told that you decline.
done-swap-withdrawn = Request withdrawn.
done-absence-said = Absence saved.
done-absence-ended = Absence ended.

notices-pool-joined = { $by } put you into a pool of experts.
notices-pool-left = { $by } removed you from a pool of experts, or ended it.
notices-duty-given = { $by } put you on a duty roster.
notices-duty-withdrawn = { $by } removed one of your duties.
notices-swap-asked = { $by } asks you to take a duty.
notices-swap-taken = { $by } takes the duty that you wanted to give.
notices-swap-declined = { $by } does not take your duty: it stays yours.
notices-swap-withdrawn = { $by } no longer asks you to take their duty.
notices-absence-said = { $by } announced an absence in your name.

audit-action-routing-manage = keep the coordination of opinions
audit-action-duty-take = keep a duty
audit-action-statement-view = see an activity statement
audit-object-pool = pool of experts
audit-object-duty = duty
audit-object-rule = routing rule
audit-detail-turnaround = Changed turnaround
audit-detail-organs = Organs
audit-detail-duties = Number of duties
audit-detail-territory = Territory
audit-detail-phone = Telephone
audit-detail-rule-of = Rule for
audit-detail-rule-effect = What the rule does
audit-detail-rule-target = Names
audit-detail-rule-kind = Kind of request
