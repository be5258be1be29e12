# La vie d’une session à l’écran : ce qui prévient avant sa fin, et ce qui couvre la page après.

session-idle-title = Êtes-vous toujours là ?
session-idle-text = Sans signe de votre part, votre session se fermera à { $time }. Appuyez sur une touche ou bougez la souris.
session-idle-stay = Je suis là
session-end-title = Votre session se termine à { $time }
session-end-text = Pour continuer, authentifiez-vous de nouveau dans une petite fenêtre. Cette page et votre texte restent ouverts.
session-end-renew = Prolonger
session-end-later = Plus tard
session-end-guest-title = Votre accès d’invité se termine à { $time }
session-end-guest-text = Il n’est pas prolongé d’ici. Si vous en avez encore besoin, demandez un nouveau lien à la personne qui vous a invité.
session-end-fixed-title = Votre session se termine à { $time }
session-end-fixed-text = Elle ne peut pas être prolongée. Enregistrez ce que vous écrivez ; vous pourrez ensuite vous connecter de nouveau.
session-over-label = Session terminée
session-over-idle = Votre session s’est fermée faute d’activité
session-over-expired = Votre session est arrivée à son terme
session-over-ended = Votre session est terminée
session-over-other = Une autre personne s’est connectée sur ce navigateur
session-over-text = La page est masquée pour que personne d’autre ne la lise. Après la connexion, vous reviendrez au même endroit.
session-over-kept = Le texte que vous n’avez pas envoyé est gardé dans cet onglet ; vous le retrouverez après votre connexion.
session-over-guest = La page est masquée. Si votre invitation est encore valable, rouvrez le lien que vous avez reçu ; sinon, demandez-en un nouveau.
session-over-other-text = Cette page était ouverte pour quelqu’un d’autre ; elle est masquée.
session-over-sign-in = Se reconnecter
session-over-home = Aller à l’accueil
session-renewed-title = Session prolongée
session-renewed-text = Vous pouvez fermer cette fenêtre et reprendre où vous en étiez.
