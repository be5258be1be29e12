# Identity providers: what the settings say of them

error-provider-file = { $file ->
    [key] Identity provider “{ $provider }”: its private key cannot be read. It must be a PEM or JWK file without a password that the service may read, with an RSA key of at least 2048 bits or a P-256 key.
    [certificate] Identity provider “{ $provider }”: the certificate of the service, or its key, cannot be read. They must be two PEM files without a password that the service may read and that belong together.
   *[authorities] Identity provider “{ $provider }”: the file of certification authorities cannot be read. It must be a PEM file that the service may read.
}
