# La connexion par téléphone ; telephone.ts en lit une phrase.

phone-title = Connexion par téléphone
phone-heading = Se connecter avec son téléphone
phone-lead = Votre application e-CPS vous demandera de confirmer. Gardez votre téléphone à portée de main.
phone-step-up-heading = Confirmer votre identité avec votre téléphone
phone-step-up-lead = Cette action exige une identification récente. L’application e-CPS de { $name } va demander une confirmation.
phone-number = Votre numéro RPPS
phone-number-hint = Onze chiffres. Sans RPPS : votre identifiant national.
phone-send = Envoyer la demande à mon téléphone
phone-card = Se connecter autrement
phone-waiting-title = Confirmez sur votre téléphone
phone-waiting-lead = Ouvrez l’application e-CPS. Elle affiche une demande de telepath.
phone-digits = Les deux chiffres à comparer
phone-step-one = Vérifiez que votre téléphone affiche les mêmes deux chiffres.
phone-step-two = Saisissez votre code dans l’application, puis validez.
phone-step-three = Cette page continue d’elle-même.
phone-warning = Chiffres différents, ou demande que vous n’avez pas faite ? Refusez-la.
phone-left = { $seconds ->
    [0] Fin de l’attente
    [one] Encore { $seconds } seconde
   *[other] Encore { $seconds } secondes
}
phone-silent = Pro Santé Connect ne répond pas pour l’instant. La page réessaie d’elle-même.
phone-cancel = Abandonner
phone-nothing = Rien n’arrive sur votre téléphone ? Vérifiez le numéro saisi, et que l’application e-CPS est activée sur cet appareil.
