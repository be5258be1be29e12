# Fournisseurs d’identité : ce que les réglages disent d’eux

error-provider-file = { $file ->
    [key] Fournisseur d’identité « { $provider } » : sa clé privée ne se lit pas. Il faut un fichier PEM ou JWK sans mot de passe, que le service peut lire, avec une clé RSA d’au moins 2048 bits ou une clé P-256.
    [certificate] Fournisseur d’identité « { $provider } » : le certificat du service, ou sa clé, ne se lit pas. Il faut deux fichiers PEM sans mot de passe, que le service peut lire et qui vont ensemble.
   *[authorities] Fournisseur d’identité « { $provider } » : le fichier des autorités de certification ne se lit pas. Il faut un fichier PEM que le service peut lire.
}
