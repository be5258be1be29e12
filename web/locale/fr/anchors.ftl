# Qui garde hors du service les signatures du journal d’audit (telepath/anchors).

error-setting-anchor = { $reason ->
        [scheme] L’adresse n° { $number } de TELEPATH_AUDIT_ANCHORS n’est d’aucune sorte connue : un dossier (file:), une boîte aux lettres (mailto:), un témoin (https:) ou un espace S3 (s3:).
        [parameter] L’adresse n° { $number } de TELEPATH_AUDIT_ANCHORS contient un paramètre inconnu ; deploy/README.md les donne tous.
        [number] Dans l’adresse n° { $number } de TELEPATH_AUDIT_ANCHORS, « every » compte des secondes et « years » des années : un nombre entier, supérieur à zéro.
        [language] Dans l’adresse n° { $number } de TELEPATH_AUDIT_ANCHORS, « language » doit être fr ou en.
        [vkey] L’adresse n° { $number } de TELEPATH_AUDIT_ANCHORS est celle d’un témoin : il y faut sa clé de vérification, « vkey=nom+numéro+clé », telle qu’il la publie.
        [twice] L’adresse n° { $number } de TELEPATH_AUDIT_ANCHORS porte le même nom qu’une autre : donnez-lui-en un par « name= ».
       *[other] L’adresse n° { $number } de TELEPATH_AUDIT_ANCHORS est mal formée.
    }
error-setting-anchors-few = En production, { $name } doit nommer au moins { $needed } lieux hors du service qui gardent les signatures du journal d’audit ; il en nomme { $held }. Sans eux, qui administre la base pourrait réécrire le journal sans que cela se voie. Un dossier dans TELEPATH_DATA ne compte pas, ni des lettres déposées dans un dossier. Voir « Qui détient des copies de l’audit » dans deploy/README.md.

error-anchor-away = Ne répond pas.
error-anchor-refused = Refuse ce qui lui est envoyé : adresse, droits d’accès, ou journal qui ne lui est pas connu.
error-anchor-false = Répond ou détient autre chose que ce qui a été signé.
error-anchor-fork = Détient une signature que le journal d’ici ne prolonge pas : des enregistrements manquent, ou ont été réécrits.
error-anchor-emptied = Ne détient plus ce qui lui a été confié : dossier non monté, ou vidé.
error-anchor-unlocked = Accepte les copies sans les verrouiller : l’espace S3 doit avoir été créé avec le verrouillage d’objets.
error-anchor-broke = L’envoi a échoué ; le journal technique dit pourquoi.

anchors-letter-subject = Audit de { $address } : signature à conserver ({ $size } enregistrements)
anchors-letter-text =
    Cette lettre contient la signature du journal d’audit de { $address }, arrêtée à { $size } enregistrements. Elle ne contient aucune donnée de santé.

    Conservez-la, avec sa pièce jointe, aussi longtemps que les dossiers eux-mêmes : tant qu’elle existe hors du service, personne ne peut y modifier ou supprimer sans que cela se voie un enregistrement plus ancien qu’elle, pas même qui administre la base.

    Pour contrôler le journal : demandez au service son export vérifiable (telepath audit export) et le programme verify_audit.py, une page que l’on peut lire, puis lancez

    python3 -I verify_audit.py EXPORT CLÉ PIÈCE-JOINTE

    où CLÉ est la clé de vérification reçue à l’installation du service. La première lettre reçue fait foi ; celle-ci donne :

    { $key }

    Journal : { $origin }

audit-detail-anchor = Lieu de la copie
audit-detail-differs = Contenu différent
audit-detail-error = Panne
audit-detail-held-at = Conservée depuis
audit-detail-present = Enregistrements présents
audit-detail-signed = Enregistrements signés
audit-detail-tree = Journal
