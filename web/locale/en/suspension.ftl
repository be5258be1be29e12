# Who has no access any more: a person, or an institution.

login-problem-disabled = Your access is suspended
error-login-disabled = Your account or your institution is no longer active in telepath. No session was opened.
login-advice-disabled = Ask the administrator of your institution, or the team that runs telepath: nothing is wrong with your card or your e-CPS.

# telepath people suspend, institutions suspend
command-person-suspended = { $name }: access suspended, sessions ended.
command-person-suspended-already = { $name }: access was suspended already, nothing was changed.
command-person-restored = { $name }: access restored.
command-person-restored-already = { $name }: access was not suspended, nothing was changed.
command-institution-suspended = { $name }: institution suspended, sessions ended.
command-institution-suspended-already = { $name }: institution was suspended already, nothing was changed.
command-institution-restored = { $name }: institution restored.
command-institution-restored-already = { $name }: institution was not suspended, nothing was changed.
