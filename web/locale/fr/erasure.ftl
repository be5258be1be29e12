# Ce que dit `telepath erase`, et ce qu’en disent les sauvegardes.

erase-case-question = Le dossier { $number } sera effacé pour toujours : { $slides ->
        [0] aucune lame
        [1] une lame
       *[other] { $slides } lames
    }, { $specimens ->
        [0] aucun prélèvement
        [1] un prélèvement
       *[other] { $specimens } prélèvements
    }, { $annotations ->
        [0] aucune annotation
        [1] une annotation
       *[other] { $annotations } annotations
    }, { $lines ->
        [0] aucun message
        [1] un message
       *[other] { $lines } messages
    }, { $consults ->
        [0] aucune demande d’avis
        [1] une demande d’avis
       *[other] { $consults } demandes d’avis
    }, { $rooms ->
        [0] aucune séance
        [1] une séance
       *[other] { $rooms } séances
    }, { $opinions ->
        [0] aucun avis signé
        [1] et UN AVIS SIGNÉ, qui appartient au dossier médical
       *[other] et { $opinions } AVIS SIGNÉS, qui appartiennent au dossier médical
    }.
erase-person-question = { $name } sera effacé pour toujours : annuaire, sessions, notifications, et, dans le journal d’audit, identifiant national, adresses et appareils.
erase-confirm = Pour confirmer, retapez « { $expected } » :
erase-case-done = Le dossier { $id } est effacé : { $slides ->
        [0] aucune lame
        [1] une lame
       *[other] { $slides } lames
    }, { $opinions ->
        [0] aucun avis signé
        [1] un avis signé
       *[other] { $opinions } avis signés
    }. L’effacement est inscrit au journal d’audit et dans la liste des effacements.
erase-person-done = La personne { $id } est effacée. L’effacement est inscrit au journal d’audit et dans la liste des effacements.
erase-leftover = Les fichiers de la lame { $slide } n’ont pas pu être supprimés. Le prochain démarrage du service essaiera de nouveau.
erase-not-wiped = Une lecture en cours a empêché de vider le journal d’écriture de SQLite : des traces y restent jusqu’à ce qu’il le soit. Redémarrez le service : l’arrêt le vide.
erase-again-done = { $count ->
        [0] Il n’y avait personne à effacer de nouveau
        [one] Un effacement décidé auparavant a été refait
       *[other] { $count } effacements décidés auparavant ont été refaits
    }.
erase-again-left = { $count ->
        [one] Un effacement décidé auparavant n’a pas pu être refait
       *[other] { $count } effacements décidés auparavant n’ont pas pu être refaits
    } : ce qui était effacé est de nouveau dans la base. Ne démarrez pas le service. Corrigez ce que dit le journal technique, puis lancez `telepath erase-again`.

audit-reason-right-to-erasure = droit à l’effacement
audit-reason-court-order = décision de justice
audit-reason-retention-over = fin de la durée de conservation
audit-reason-entered-by-mistake = saisi par erreur

error-erase-motive = Le motif contient ce qui doit être effacé : donnez la référence d’un courrier, sans identité ni numéro de dossier.
error-erase-unconfirmed = Rien n’a été effacé : il faut confirmer dans un terminal, ou donner --yes.
error-erase-signed = Rien n’a été effacé : cette personne a signé { $count ->
        [one] un avis
       *[other] { $count } avis
    }. Qui signe un avis fait partie du dossier médical.
error-erase-open-work = Rien n’a été effacé : { $count ->
        [one] une demande d’avis attend
       *[other] { $count } demandes d’avis attendent
    } encore cette personne, ou une réponse pour elle.
error-erase-role = Rien n’a été effacé : ce compte de la base de données n’en a pas le droit, et c’est voulu. Lancez la commande avec TELEPATH_MIGRATIONS_DATABASE.
error-erase-list = Rien n’a été effacé : la liste des effacements ne peut pas être écrite. Vérifiez TELEPATH_ERASURE_FOLDER et les droits de qui lance la commande.

operations-restore-erasure-false = La liste des effacements contient un fichier que personne de connu n’a signé, et qui n’a pas été suivi : { $file }.
