# Lames retenues : l’étiquette de la lame nomme un autre dossier que celui où elle a été envoyée.

error-slide-held =
    { $kind ->
        [case] Lame retenue : son étiquette porte « { $found } », et non le dossier { $expected }. Elle n’est dans aucun dossier, et vous seul la voyez. Vérifiez l’étiquette de la lame de verre, puis indiquez le bon dossier ou supprimez cet envoi.
        [block] Lame retenue : son étiquette porte le bloc { $found }, et non { $expected }. Elle n’est dans aucun dossier, et vous seul la voyez. Vérifiez l’étiquette de la lame de verre, puis corrigez le bloc ou supprimez cet envoi.
        [specimen] Lame retenue : son étiquette porte le prélèvement { $found }, et non { $expected }. Elle n’est dans aucun dossier, et vous seul la voyez. Vérifiez l’étiquette de la lame de verre, puis corrigez ou supprimez cet envoi.
       *[institution] Lame retenue : elle vient d’après son étiquette de « { $found } », et non de { $expected }. Elle n’est dans aucun dossier, et vous seul la voyez. Vérifiez l’étiquette de la lame de verre, puis supprimez cet envoi.
    }
error-specimen-unknown = Ce dossier n’a pas ce prélèvement. Ajoutez-le sur la page du dossier, ou corrigez sa lettre.

audit-kind-slide-discarded = Lame retenue, supprimée par son expéditeur
audit-detail-label-check = Étiquette de la lame
audit-detail-disagrees = En désaccord sur

held-title = Lames retenues
held-lead = Leur étiquette ne correspond pas au dossier où vous les avez envoyées. Elles ne sont dans aucun dossier, et vous seul les voyez.
held-none = Aucune lame retenue
held-none-text = Une lame dont l’étiquette nomme un autre dossier attend ici que vous la corrigiez.
held-sent = Envoyée au dossier { $number }
held-problem =
    { $kind ->
        [case] L’étiquette porte « { $found } », et non le dossier { $expected }.
        [block] L’étiquette porte le bloc { $found }, et non { $expected }.
        [specimen] L’étiquette porte le prélèvement { $found }, et non { $expected }.
       *[institution] D’après son étiquette, la lame vient de « { $found } », et non de { $expected }.
    }
held-check-glass = Regardez d’abord la lame de verre. Si elle est du dossier nommé par son étiquette, indiquez ce dossier ; sinon supprimez cet envoi.
held-case = Dossier où elle va
held-block = Bloc
held-specimen = Prélèvement
held-let-in = Ajouter à ce dossier
held-discard = Supprimer cet envoi
held-not-let-in = La lame n’a pas été ajoutée
held-waiting =
    { $count ->
        [one] Une lame que vous avez envoyée est retenue.
       *[other] { $count } lames que vous avez envoyées sont retenues.
    }
held-see = Voir pourquoi
done-slide-let-in = Lame ajoutée à ce dossier.
done-slide-discarded = Envoi supprimé. Rien de cette lame n’est conservé.
error-held-case = Votre établissement n’a pas de dossier de ce numéro. Vérifiez-le sur l’étiquette, ou créez d’abord le dossier.
error-slide-not-held = Aucune lame retenue ne porte cet identifiant. Tapez : telepath slides held
command-slide-let-in = Lame ajoutée au dossier { $number }.
command-slide-discarded = Envoi supprimé. Rien de cette lame n’est conservé.
command-slide-unverified = Étiquette non vérifiée : rien de lisible n’y nomme un dossier. Comparez-la vous-même.

slide-label-verified = Étiquette vérifiée
slide-label-unverified = Étiquette non vérifiée
