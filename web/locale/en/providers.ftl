# Identity providers: what the settings say of them

error-provider-file = { $file ->
    [key] Identity provider “{ $provider }”: its private key cannot be read. It must be a PEM or JWK file without a password that the service may read, with an RSA key of at least 2048 bits or a P-256 key.
    [certificate] Identity provider “{ $provider }”: the certificate of the service, or its key, cannot be read. They must be two PEM files without a password that the service may read and that belong together.
   *[authorities] Identity provider “{ $provider }”: the file of certification authorities cannot be read. It must be a PEM file that the service may read.
}

error-providers-file = { $reason ->
    [unreadable] The file that TELEPATH_OIDC_PROVIDERS names cannot be read. Check its path, and that the service may read it.
    [toml] The file that TELEPATH_OIDC_PROVIDERS names is no TOML document: { $detail }
   *[entries] The file that TELEPATH_OIDC_PROVIDERS names must hold [[provider]] entries, and nothing else { $detail }
}
error-providers-entry = { $reason ->
    [form] Identity provider “{ $entry }”: the entry is not of the expected form ({ $detail }).
    [key] Identity provider “{ $entry }”: its key must begin with a small letter, have 2 to 24 small letters, digits or hyphens, and not be “psc”.
    [key-twice] Identity provider “{ $entry }”: two entries have the same key.
    [issuer-twice] Identity provider “{ $entry }”: two entries have the same issuer.
    [issuer-psc] Identity provider “{ $entry }”: its issuer is Pro Santé Connect’s.
    [insecure] Identity provider “{ $entry }”: in production it must be reached by https.
    [name] Identity provider “{ $entry }”: it needs a name of at most 80 characters.
    [institution] Identity provider “{ $entry }”: “institution” must be the FINESS number of the institution that invites.
    [address] Identity provider “{ $entry }”: the issuer and all addresses must begin with https:// (or http:// for a trial), and the issuer must not contain “?”.
    [endpoints] Identity provider “{ $entry }”: “endpoints” names an address that the discovery document does not know.
    [acr] Identity provider “{ $entry }”: “accepted_acr” must name at least one level of authentication, none that is empty, and each of at most 255 characters.
    [scope] Identity provider “{ $entry }”: “scope” must contain openid.
    [secret] Identity provider “{ $entry }”: the file “client_secret_file” is missing, empty or unreadable.
   *[other] Identity provider “{ $entry }”: the entry is not valid.
}
