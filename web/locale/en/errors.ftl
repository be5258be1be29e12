# What went wrong and why (error-<code>), then a title and an advice for each kind of answer.
# The other areas keep the sentences of their own codes in their own files.

error-internal = An internal error occurred. Nothing that was saved has been lost.
error-not-found = This page does not exist, or you have no access to it.
error-method = This address is not used in this way.
error-request = The request could not be understood.
error-unauthenticated = Your session has ended, or you are not signed in.
error-step-up-required = This action asks you to confirm your identity.
error-invalid = Something that was entered is not valid.
error-invalid-transition = This action is no longer possible in the present state.
error-too-large = What was sent exceeds the permitted size.
error-audit-tree = The audit trail was damaged in the database: nothing is sealed until the administrator has verified it (telepath audit verify).
error-too-many-requests = Too many requests came from this computer in a short time.

error-form-unreadable = The form that arrived cannot be read.
error-form-too-large = The form exceeds { $limit } kB.
error-field-too-long = The field “{ $field }” has { $length } characters; it takes { $limit } at most.
error-field-unseen = This page sent something of its own that does not fit. Reload it, then try again.
error-field-too-many = The field “{ $field }” takes { $limit } values at most.
error-field-choice = The value of the field “{ $field }” is not one of the choices.
error-field-number = The field “{ $field }” takes a whole number between { $lowest } and { $highest }.

error-setting-unknown = There is no setting { $name }.
error-setting-invalid = { $reason ->
        [number] The setting { $name } must be a number.
        [positive] The setting { $name } must be a number above zero.
        [port] The setting { $name } must be a port number, from 1 to 65535.
        [sandbox] The setting { $name } must be “required” or “optional”.
        [flag] The setting { $name } must be “true” or “false”.
        [origin] The setting { $name } must be the address as browsers show it, in small letters and with nothing after the name: for example https://telepath.example.org
        [address] The setting { $name } must be an address that begins with https:// (or http:// for a trial).
        [networks] The setting { $name } must hold IP addresses or networks, separated by commas.
        [level] The setting { $name } must be critical, error, warning, info or debug.
        [key] The setting { $name } must hold 64 hexadecimal digits.
        [scheme] The setting { $name } must begin with one of the prefixes that deploy/telepath.env.example gives.
        [folder] The setting { $name } must be a folder that the service can write to.
        [months] The setting { $name } must be a number of days from 183 to 366: six to twelve months.
        [years] The setting { $name } must be a number of years, at least 1; or 0 in order never to retire anything.
        [verifier-keys] The setting { $name } must hold verifier keys as `telepath audit key` prints them, separated by commas.
        [client-auth] The setting { $name } must be client_secret_basic, private_key_jwt or tls_client_auth.
        [endpoints] The setting { $name } must hold name=address pairs separated by spaces, with the names of the discovery document: for example token_endpoint=https://…
        [oidc-scope] The setting { $name } must contain openid.
        [channel] The setting { $name } must be CARD, MOBILE or empty.
        [acr] The setting { $name } must hold levels separated by commas, none of them empty, and each of at most 255 characters.
        [one-key] The settings TELEPATH_VAULT_KEY and { $name } say the same: keep one of them only.
        [bus] The setting { $name } must look like redis://name:password@host:6379 (rediss:// with TLS, unix:///path), with signs such as @ or / of the password written with %, and the files that it names must be there.
        [bucket] The setting { $name } must look like s3://bucket/prefix?endpoint=https://s3.example&region=fr-par, without user or password: give these as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
        [bucket-tls] In production the storage that { $name } names must be reached by https: slides would go over the network in the clear.
        [key-file] The file that { $name } names must hold 64 hexadecimal digits and nothing else.
       *[other] The setting { $name } is not valid.
    }
error-setting-insecure-origin = In production the public address must begin with https://.
error-setting-simulator = In production the setting { $name } cannot be the simulator’s.
error-setting-secret-missing = In production the setting { $name } must hold the secret that the identity provider gave with the identifier.
error-setting-key-missing = In production the setting { $name } must hold 64 hexadecimal digits.
error-key-file-missing = The file that the setting { $name } names is not there, or the service cannot read it. Without it the identities of patients cannot be read. Check the path and the owner of the file.
error-key-file-open = Others than the service can read the file that the setting { $name } names: the key is not safe there. Take that right from them (chmod 0400), then start the service again.
error-setting-insecure-issuer = In production the identity provider must be reached by https.

error-title-400 = Bad request
error-title-401 = Sign-in needed
error-title-403 = Action not permitted
error-title-404 = Page not found
error-title-405 = Not possible here
error-title-409 = The situation has changed
error-title-413 = Too large
error-title-422 = Not valid
error-title-429 = Too many requests
error-title-500 = Internal error
error-title-503 = Temporarily unavailable

error-advice-400 = Go back to the previous page and try again.
error-advice-401 = Sign in, then try again. Text typed in the previous page is still there.
error-advice-403 = If you think this action should be yours, tell the team that runs telepath.
error-advice-404 = Check the address, or ask whoever gave you this link for access.
error-advice-405 = Go back to the previous page and use its buttons.
error-advice-409 = Go back to the previous page, reload it to see the present state, then repeat your action if it is still useful.
error-advice-413 = Send less, then try again.
error-advice-422 = Go back to the previous page, correct it and try again: what you typed is still there.
error-advice-429 = Wait a minute, then try again.
error-advice-500 = Try again in a moment. If the error persists, give the reference below to the team that runs telepath.
error-advice-503 = Try again in a moment. An urgent opinion can always be requested by telephone.

error-reference = Reference { $reference }
error-login = Sign in
error-home = Back to the worklist
error-back = Back to the page before
