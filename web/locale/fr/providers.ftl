# Fournisseurs d’identité : ce que les réglages disent d’eux

error-provider-file = { $file ->
    [key] Fournisseur d’identité « { $provider } » : sa clé privée ne se lit pas. Il faut un fichier PEM ou JWK sans mot de passe, que le service peut lire, avec une clé RSA d’au moins 2048 bits ou une clé P-256.
    [certificate] Fournisseur d’identité « { $provider } » : le certificat du service, ou sa clé, ne se lit pas. Il faut deux fichiers PEM sans mot de passe, que le service peut lire et qui vont ensemble.
   *[authorities] Fournisseur d’identité « { $provider } » : le fichier des autorités de certification ne se lit pas. Il faut un fichier PEM que le service peut lire.
}

error-providers-file = { $reason ->
    [unreadable] Le fichier que nomme TELEPATH_OIDC_PROVIDERS ne se lit pas. Vérifiez son chemin, et que le service peut le lire.
    [toml] Le fichier que nomme TELEPATH_OIDC_PROVIDERS n’est pas un document TOML : { $detail }
   *[entries] Le fichier que nomme TELEPATH_OIDC_PROVIDERS doit contenir des entrées [[provider]], et rien d’autre { $detail }
}
error-providers-entry = { $reason ->
    [form] Fournisseur d’identité « { $entry } » : l’entrée n’a pas la forme attendue ({ $detail }).
    [key] Fournisseur d’identité « { $entry } » : sa clé doit commencer par une minuscule, compter 2 à 24 lettres minuscules, chiffres ou tirets, et ne pas être « psc ».
    [key-twice] Fournisseur d’identité « { $entry } » : deux entrées ont la même clé.
    [issuer-twice] Fournisseur d’identité « { $entry } » : deux entrées ont le même émetteur.
    [issuer-psc] Fournisseur d’identité « { $entry } » : son émetteur est celui de Pro Santé Connect.
    [insecure] Fournisseur d’identité « { $entry } » : en production, il doit être joint en https.
    [name] Fournisseur d’identité « { $entry } » : il faut un nom de 80 caractères au plus.
    [institution] Fournisseur d’identité « { $entry } » : « institution » doit être le numéro FINESS de l’établissement qui invite.
    [address] Fournisseur d’identité « { $entry } » : l’émetteur et les adresses doivent commencer par https:// (ou http:// pour un essai), et l’émetteur ne pas contenir de « ? ».
    [endpoints] Fournisseur d’identité « { $entry } » : « endpoints » nomme une adresse que le document de découverte ne connaît pas.
    [acr] Fournisseur d’identité « { $entry } » : « accepted_acr » doit nommer au moins un niveau d’authentification, aucun vide, et chacun de 255 caractères au plus.
    [scope] Fournisseur d’identité « { $entry } » : « scope » doit contenir openid.
    [secret] Fournisseur d’identité « { $entry } » : le fichier « client_secret_file » manque, est vide ou ne se lit pas.
   *[other] Fournisseur d’identité « { $entry } » : l’entrée n’est pas valable.
}
