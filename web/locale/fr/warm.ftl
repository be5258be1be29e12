# Ce qui est gardé à l’avance dans le navigateur.
warm-going = Préparation des lames dans ce navigateur : { $percent } %.
warm-ready = Lames prêtes dans ce navigateur : les champs principaux s’affichent sans attendre, même par une liaison lente.
warm-spared = Liaison économe ou très lente : les lames ne sont pas préparées à l’avance.
warm-anyway = Les préparer quand même
