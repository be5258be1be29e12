# Champs gardés avec leur image, sur les pages du dossier et de l’avis.

regions-title = Champs gardés
regions-hint = Images gardées depuis la visionneuse (touche G). Cliquez pour revenir au champ.
regions-hint-signing = Les champs que vous avez gardés pour cet avis seront signés avec lui, et imprimés sur le compte rendu.
regions-unnamed = Sans légende
regions-sealed = Légende masquée jusqu’à votre avis
regions-alt = { $label }, lame { $slide }
regions-remove = Retirer
regions-remove-named = Retirer « { $label } »
regions-with-opinion = Images
regions-slide = Lame { $slide }
done-region-removed = Champ retiré. Ce qui a été signé le garde.

error-region-outside = Ce champ est hors de la lame. Revenez sur le tissu et gardez-le de nouveau.
error-region-undrawn = L’image de ce champ n’a pas pu être faite. Agrandissez davantage et réessayez.
error-region-too-many = Ce dossier a déjà { $limit } champs gardés. Retirez ceux qui ne servent plus.

audit-kind-region-pinned = Champ gardé avec son image
audit-kind-region-removed = Champ gardé, retiré
audit-detail-kept-field = Champ gardé
consults-report-pictures = Images des champs gardés
regions-missing = image absente
