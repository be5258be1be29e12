# Fields kept with their picture, on the pages of case and consult.

regions-title = Kept fields
regions-hint = Pictures kept from the viewer (key G). Click to go back to the field.
regions-hint-signing = The fields that you kept for this opinion will be signed with it, and printed on the report.
regions-unnamed = No caption
regions-sealed = Caption hidden until your opinion
regions-alt = { $label }, slide { $slide }
regions-remove = Remove
regions-remove-named = Remove “{ $label }”
regions-with-opinion = Pictures
regions-slide = Slide { $slide }
done-region-removed = Field removed. What was signed keeps it.

error-region-outside = This field is off the slide. Go back to the tissue and keep it again.
error-region-undrawn = The picture of this field could not be made. Zoom in further and try again.
error-region-too-many = This case has { $limit } kept fields already. Remove those that serve no more.

audit-kind-region-pinned = Field kept with its picture
audit-kind-region-removed = Kept field removed
audit-detail-kept-field = Kept field
consults-report-pictures = Pictures of kept fields
regions-missing = picture missing
