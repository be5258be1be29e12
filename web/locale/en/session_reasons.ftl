# Why a session ended, or was not opened, in the audit trail.

audit-reason-administrator = closed by an administrator
audit-reason-authentication-too-old = authentication too old
audit-reason-delegation = end of what an absent person had entrusted
audit-reason-disabled = access suspended
audit-reason-emergency-ended = end of the emergency sign-in
audit-reason-idle = inactivity
audit-reason-institution-suspended = institution suspended
audit-reason-logout = signed out here
audit-reason-logout-replayed = request received before
audit-reason-membership = no longer a member of the institution, or a role withdrawn
audit-reason-no-account = person not entered
audit-reason-no-institution = member of no institution
audit-reason-other-browser = begun in another browser
audit-reason-other-person = identity of another person
audit-reason-other-provider = identified by another identity provider
audit-reason-owner = closed by whose it is
audit-reason-person-suspended = person suspended
audit-reason-provider-logout = signed out at the identity provider
audit-reason-refresh-failed = session closed at the identity provider
audit-reason-refresh-unverified = answer of the identity provider that cannot be verified
audit-reason-replaced = new sign-in in the same browser
audit-reason-stale = authentication too old

audit-detail-failed = Check that failed
