# The institution, its members, their invitations and their credentials.

nav-administration = Administration
administration-title = Administration
administration-lead = What you manage for { $place }. Every change is entered in the audit.
administration-institution = Institution
administration-institution-about = Name, region, time zone, working days and hours.
administration-departments = Departments
administration-departments-about = The departments of the institution, where each member may be placed.
administration-members = Members
administration-members-about = Who works here, in which roles, and when each of them was last there.
administration-invitations = Invitations
administration-invitations-about = Enter somebody before their first login, send a letter again or withdraw it.
administration-credentials = Credentials
administration-credentials-waiting = { $count ->
    [one] { $count } credential to check
   *[other] { $count } credentials to check
}
administration-credentials-about = Check the experts without an RPPS number in a register.

administration-not-saved = Nothing was saved
administration-save = Save
administration-add = Add
administration-change = Change
administration-rename = Rename
administration-remove = Remove
administration-cancel = Cancel
administration-acts = Actions
administration-person = Person

administration-facts = Identity
administration-finess = FINESS number
administration-finess-hint = Pro Santé Connect relies on this number: only the team that runs telepath can change it.
administration-finess-unusual = The check digit of this number does not fit: that is normal for a test number, and not for a real institution. Check it in the FINESS directory.
administration-check-unusual = Unusual check digit
administration-zone-hint = Times are shown, and deadlines counted, by this clock.
administration-calendar = Working days and hours
administration-calendar-hint = Deadlines of the opinions that your experts are asked for are counted on these days. Those that are set already do not change. Public holidays of the nation, and those that the law gives your territory, are always closed.
administration-calendar-usual = These are the usual hours so far: Monday to Friday, 8:00 to 18:00.
administration-calendar-save = Save the hours
administration-closed-hint = One day a line, as 24/12/2026: local holidays, closures. { $limit } days at most.
weekday-0 = Monday
weekday-1 = Tuesday
weekday-2 = Wednesday
weekday-3 = Thursday
weekday-4 = Friday
weekday-5 = Saturday
weekday-6 = Sunday

administration-departments-none = No department
administration-departments-none-text = A small institution may do without. Add some to say where everybody works.
administration-department-new = New department
administration-department-hint = For example: Pathology and cytology.
administration-new-name = New name
administration-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
administration-department-in-use = { $count ->
    [one] One person works there: to remove this department, place them elsewhere first.
   *[other] { $count } people work there: to remove this department, place them elsewhere first.
}

administration-invite = Invite somebody
administration-seen = Last there
administration-never-seen = never came
administration-signed-in = Signed in
administration-suspended = Access suspended
administration-suspended-text = The team that runs telepath suspended this person, here and elsewhere: ask them to restore the access. The roles stay on file.
administration-invited = Invitation open
administration-see-invitation = See the invitation
administration-sessions = Open sessions
administration-rpps = RPPS { $number }
administration-no-rpps = No RPPS number
administration-rpps-unusual = The check digit of this number does not fit: that is normal for a test number, and not for a real professional.
administration-identity = Identity
administration-membership = Roles and department
administration-roles-hint = Tick all that this person does here.
administration-no-department = No department
administration-member-hint = A right that is given counts from the next page on. A right that is taken away closes this person’s sessions here at once, with their open slides and rooms. Who may no longer invite has no guests: their links end.
administration-end-title = End the membership
administration-end-hint = { $name } will no longer be able to act for this institution. Their sessions close at once, and the links of their guests end. Their cases, messages and signed opinions stay.
administration-end-here = This counts here only. To cut somebody’s access everywhere (stolen card, compromised account), tell the team that runs telepath: as this person may act for other institutions too, that team alone can suspend them.
administration-end = End the membership

role-about-requester = makes cases and asks for opinions
role-about-expert = answers requests and signs; must be a pathologist
role-about-coordinator = follows the requests and checks the credentials of experts from abroad
role-about-board-chair = prepares and leads tumour boards
role-about-technician = prepares cases and slides, and neither asks for an opinion nor gives one
role-about-auditor = reads the audit, and sees no slide
role-about-observer = sees overall figures, and no case
role-about-administrator = manages the institution and its members, and sees no case

administration-invitations-lead = The people you expect. An invitation is accepted by itself at the first login.
administration-invitations-none = Nobody is expected
administration-invitations-none-text = Who has accepted an invitation is among the members.
administration-invited-by = Invited by
administration-expires = Valid until
administration-expired = Expired
administration-resend = Send again
administration-resend-named = Send { $name }’s letter again
administration-resend-address = Address to send { $name }’s letter to again
administration-resend-hint = Sending again makes a new letter, valid for thirty days; the link of the one before is of no more use. The address has to be typed again; without it you hand the letter over yourself.
administration-withdraw = Withdraw
administration-withdraw-named = Withdraw { $name }’s invitation
administration-by-psc = Pro Santé Connect

administration-invite-lead = To work with { $place }. They can sign in from now on; a letter tells them how.
administration-not-invited = The invitation was not made
administration-identified-by = How this person proves who they are
administration-identified-by-hint = Professionals who are registered in France all have an RPPS number.
administration-by-psc-hint = with their CPS card or e-CPS, and their RPPS number
administration-by-other-hint = expert from abroad, without an RPPS number: a coordinator will have to check their credential
administration-rpps-hint = Eleven digits, as annuaire.esante.gouv.fr gives them. The person will be recognised by this number.
administration-rpps-hint-foreign = Eleven digits, as annuaire.esante.gouv.fr gives them. Leave it empty for an expert from abroad.
administration-names-hint = As you know them; Pro Santé Connect will correct them at the first login where needed.
administration-person-title = Title
administration-no-title = No title
administration-language = Language of the letter
administration-email-hint = The letter is sent there. Without an address you hand it over yourself.
administration-invite-roles-hint = The letter names them.
administration-invite-go = Invite

administration-letter-title = Invitation of { $name }
administration-letter = The letter
administration-letter-sent = Letter sent to { $address }
administration-letter-sent-text = You may also hand it over yourself: here it is.
administration-letter-not-sent = The letter could not be sent to { $address }
administration-letter-not-sent-text = The mail server did not take it. The invitation counts all the same: hand the letter over yourself, or send it again later from the list.
administration-letter-hand-over = Hand this letter over
administration-letter-hand-over-text = No address is known: print it, or copy the link into your secure mail.
administration-letter-unusual = The last digit of the number { $number } does not fit the others: that is normal for a test number. For a real person, withdraw the invitation and copy the number again: another professional could be recognised in their place.
administration-letter-link = The link alone
administration-letter-link-hint = It is shown here only, and it is personal: who follows it still has to prove who they are, but without an RPPS number the first account that answers is bound to the invitation. Give it to the invited person only.
administration-letter-until = Valid until
administration-letter-done = See the invitations

administration-credentials-lead = A foreign identity provider proves who somebody is, and not that they are a doctor. Without a credential that was checked here they cannot answer as an expert.
administration-credentials-empty = Nobody here needs to be checked
administration-credentials-empty-text = All members were recognised by Pro Santé Connect.
administration-credential-good = Credential checked
administration-credential-unbound = Waits for the first login. The credential is checked after it, under the name that the identity provider will have proven.
administration-credential-none = Credential to be checked
administration-credential-none-text = A coordinator must first find this person in the register of their country.
administration-verified = Checked
administration-verified-by = by { $name }, on { $at }
administration-verify-title = Note the credential
administration-verify-again = Note another check
administration-verify-hint = Look the person up in the register of their country, then note where and under which number you found them. Your name and the date will stand in their opinions. The right counts from their next login on.
administration-verify-authority = Who keeps the register, for example: Ordre des médecins (Belgium).
administration-verify-register-number = Their number in this register.
administration-verify-country = Two letters: BE, DE, CH…
administration-verify = Note as checked
administration-credential-withdraw-title = Withdraw this credential
administration-credential-withdraw-hint = The person is no longer an expert, and their sessions close at once. Their signed opinions stay, with the check that counted then.
administration-credential-withdraw = Withdraw the credential

invitation-title = Invitation
invitation-heading = { $place } invites you
invitation-lead = To work with its teams ({ $city }) on telepath, as:
invitation-text = Sign in with your CPS card or the e-CPS application: telepath recognises you by your RPPS number.
invitation-text-other = Sign in with { $provider }: your account will be bound to this invitation once and for all.
invitation-go-other = Sign in with { $provider }
invitation-until = Invitation valid until
invitation-not-you = If it is not for you, close this page and tell the institution.
invitation-letter-subject = { $institution } invites you to telepath
invitation-letter =
    { $name },

    { $institution } ({ $city }) invites you to work with its teams on telepath, where pathologists share slides and opinions. Your role: { $roles }.

    To begin, open this link and prove who you are:
    { $link }

    The invitation is valid for { $days } days. The link is personal: pass it on to nobody. If you did not expect this letter, ignore it.

login-problem-invitation = This invitation cannot be used
error-login-invitation = The invitation was withdrawn, has expired, or was for somebody else.
login-advice-invitation = Ask the institution that invites you for a new letter. If you are entered already, sign in without the letter.

done-institution-changed = Institution changed.
done-calendar-changed = Hours changed.
done-department-added = Department added.
done-department-renamed = Department renamed.
done-department-removed = Department removed.
done-member-changed = Roles and department changed.
done-member-ended = This person no longer belongs to the institution.
done-invitation-withdrawn = Invitation withdrawn: this person is no longer expected.
done-credential-verified = Credential noted. It counts from this person’s next login on.
done-credential-withdrawn = Credential withdrawn.

field-name = Name
field-city = City
field-region = Region
field-time-zone = Time zone
field-days = Working days
field-opens = Opens
field-closes = Closes
field-closed = Other closed days
field-department = Department
field-rpps = RPPS number
field-given-name = Given name
field-family-name = Family name
field-email = Mail address
field-roles = Roles
field-provider = Identity provider
field-authority = Register
field-register-number = Number in the register
field-country = Country

error-calendar-days = Choose at least one working day: without one no deadline would ever come.
error-calendar-hours = The place must close after it opens.
error-calendar-time = “{ $field }” takes a time such as 08:00.
error-calendar-day = “{ $day }” is not a day. Write it as 24/12/2026, one a line.
error-calendar-closed-many = These are too many closed days: { $limit } at most. Take out those that are past.
error-department-exists = A department is called “{ $name }” already. Choose another name.
error-department-not-empty = { $count ->
    [one] One person still works in the department “{ $name }”: place them elsewhere, then remove it.
   *[other] { $count } people still work in the department “{ $name }”: place them elsewhere, then remove it.
}
error-member-no-role = Choose at least one role. For somebody to have none any more, end their membership.
error-member-changed = Somebody else has just changed the roles of { $name }. Here they are as they are now: choose again.
error-member-own-role = You cannot take the role of administrator from yourself: a mistake would leave you outside. Ask another administrator of the institution.
error-member-oneself = You cannot end your own membership. Ask another administrator of the institution.
error-member-last-administrator = { $name } is the last to administer this institution. Give that role to somebody else first.
error-member-not-expert = { $name } cannot be an expert: Pro Santé Connect knows of no qualification in pathology. Leave the role of expert unticked, or have their entry corrected by the Ordre.
error-member-no-credential = { $name } cannot be an expert yet: a coordinator must first note their credential, checked in a register.
error-invitation-member = { $name } belongs to the institution already. Change their roles from the list of members.
error-invitation-closed = This invitation has just been accepted or withdrawn.
error-invitation-email = Nobody can write to this address. Give one such as name@example.org, without accents, or leave the field empty.
error-credential-own = Nobody checks their own credential. Ask another coordinator.
error-credential-unbound = { $name } has not signed in yet: nobody knows who will answer the invitation. Check the credential after the first login, under the name that the identity provider will have proven.
error-credential-not-needed = { $name } has an RPPS number, which is credential enough: there is nothing to note.
error-credential-country = Give the country in two letters, such as BE for Belgium.

audit-reason-credential = credential withdrawn
audit-detail-authority = Register
audit-detail-country = Country
audit-detail-department = Department
audit-detail-department-before = Department before
audit-detail-provider = Identity provider

# On whose word an expert without an RPPS number signs.
consults-identified-provider = No RPPS number; identity proven by { $provider }.
consults-identified-number = { $authority } ({ $country }), no. { $number }
consults-identified-verified = Entry checked by { $name } on { $at }
consults-report-authenticated-other = Identity of the signer verified by { $provider } on { $at }
error-credential-missing = Your credential is not, or no longer, checked: you cannot sign an opinion. Your draft stays. Ask the coordinators of your institution.
