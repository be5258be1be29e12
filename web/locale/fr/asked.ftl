# Un expert sollicité qui n’est jamais venu : son courriel, et la page qu’il ouvre.

asked-mail-subject = On vous demande un avis dans telepath
asked-mail-text = Bonjour,

    Un confrère vous demande un avis d’anatomie pathologique dans telepath, un service de télépathologie. Cette page dit qui, et jusqu’à quand, sans que vous ayez à vous connecter :
    { $link }

    Pour voir le cas, ou pour décliner, vous vous identifierez ensuite avec Pro Santé Connect ou par le moyen convenu avec votre établissement. Il n’y a pas de compte à créer.

    Ce message est envoyé automatiquement et ne contient aucune donnée de patient. Merci de ne pas y répondre.

asked-title = Un avis vous est demandé
asked-heading = Un confrère vous demande un avis
asked-lead = Identifiez-vous pour voir le cas et les lames, puis acceptez ou déclinez. Il n’y a pas de compte à créer.
asked-by = Demandé par
asked-place = Établissement
asked-answer-by = Réponse attendue avant
asked-due = Avis à rendre avant
asked-login = S’identifier avec Pro Santé Connect
asked-login-other = S’identifier
asked-open = Ouvrir la demande
asked-decline = Décliner
asked-decline-hint = Après l’identification, il vous restera à choisir un motif. Un autre expert peut alors être sollicité.
asked-why = Cette page ne montre rien du patient ni du cas. Elle cesse d’exister dès que vous avez répondu, ou que la demande ne vous est plus adressée.
asked-busy-title = Trop de pages demandées
asked-busy = Trop de pages comme celle-ci ont été demandées depuis votre réseau. Réessayez dans dix minutes.

audit-kind-offer-opened = Lettre d’un expert sollicité ouverte
