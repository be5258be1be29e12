# Sharing a case with a group of institutions, or with one institution of such a group.

shares-title = Share
shares-none = This case is shared with no group and no institution.
shares-new = Share this case
shares-no-partners = Your institution belongs to no group, or the group is suspended. Your institution’s administration can make one, or join one.
shares-choose = Choose a group or an institution
shares-with-hint = Everybody who works with cases there will see this one and its slides, those added later too. The patient’s identity is never shared.
shares-may-look = look
shares-may-discuss = look, annotate and discuss
shares-may-hint = To discuss means: to write in the discussion of the case, annotate its slides and present them in a session.
shares-days = { $days ->
    [365] one year
   *[other] { $days } days
}
shares-without-end = until the share is withdrawn
shares-until = until
shares-given = by { $by }, on
shares-suspended = suspended: nobody has access by it
shares-give = Share
shares-withdraw = Stop sharing with { $name }
shares-with-us = Shared with us
shares-with-us-hint = Cases of other institutions, open to your group or to your institution: the last { $count } shared at most.
shares-all-cases = See all cases
shares-since = Shared
field-share-with = With
field-share-may = What is allowed
field-share-days = For how long
done-case-shared = Case shared.
done-case-unshared = Share withdrawn. What was open through it is closed.

error-share-partner = This case cannot be shared with that group or institution: yours does not belong to it, or no longer, or access to it is suspended. Choose from the list.
error-share-exists = This case is already shared with that group or institution. To change what is allowed, withdraw the share first.
error-share-days = A share lasts from 1 to { $limit } days, or until it is withdrawn. Choose from the list for how long.

audit-kind-case-shared = Case shared
audit-kind-case-unshared = Share of the case withdrawn
audit-gist-case-shared = with { $subject }: { $rights }
audit-gist-case-unshared = with { $subject }: { $rights }
audit-because-share = case shared with the group or institution
audit-plain-because-share = the case is shared with their institution or group
audit-action-case-share = share the case
audit-reason-group-left = the institution left the group
audit-reason-group-ended = end of the group
