# Groups of institutions, delegations during an absence, open sessions.

error-group-kind = There is no such kind of group. Choose a GCS, a regional network or a national network.
error-group-exists = A group is already called “{ $name }”. Choose another name.
error-group-lead = The institution that leads the group cannot leave it. End the group, or have another one lead it.
error-delegation-self = Nobody can stand in for themselves. Choose another member of the institution.
error-delegation-over = The absence must end in the future, and after it begins.
error-delegation-long = A delegation lasts { $days } days at most. Shorten the absence, or renew it later.
error-delegation-exists = Somebody already stands in during a part of this absence. End that delegation first.

audit-detail-delegate = Delegate
audit-detail-delegation = Delegation
audit-detail-starts = From
audit-detail-ends = Until
audit-detail-group = Kind of group
audit-detail-member = Member
audit-detail-member-kind = What the member is
audit-detail-of = Session that was ended
audit-detail-on-behalf-of = In the place of
