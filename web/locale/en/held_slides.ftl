# Held slides: the slide’s own label names another case than the one it was sent to.

error-slide-held =
    { $kind ->
        [case] Slide held: its label reads “{ $found }”, not case { $expected }. It is in no case, and only you see it. Check the label on the glass, then name the right case or discard what you sent.
        [block] Slide held: its label reads block { $found }, not { $expected }. It is in no case, and only you see it. Check the label on the glass, then correct the block or discard what you sent.
        [specimen] Slide held: its label reads specimen { $found }, not { $expected }. It is in no case, and only you see it. Check the label on the glass, then correct or discard what you sent.
       *[institution] Slide held: by its label it comes from “{ $found }”, not from { $expected }. It is in no case, and only you see it. Check the label on the glass, then discard what you sent.
    }
error-specimen-unknown = This case has no such specimen. Add it on the page of the case, or correct its letter.

audit-kind-slide-discarded = Held slide, discarded by who sent it
audit-detail-label-check = Label of the slide
audit-detail-disagrees = Disagrees on

held-title = Held slides
held-lead = Their label does not agree with the case you sent them to. They are in no case, and only you see them.
held-none = No slide is held
held-none-text = A slide whose label names another case waits here until you correct it.
held-sent = Sent to case { $number }
held-problem =
    { $kind ->
        [case] The label reads “{ $found }”, not case { $expected }.
        [block] The label reads block { $found }, not { $expected }.
        [specimen] The label reads specimen { $found }, not { $expected }.
       *[institution] By its label the slide comes from “{ $found }”, not from { $expected }.
    }
held-check-glass = Look at the glass first. If it is of the case that its label names, name that case here; else discard what you sent.
held-case = Case where it belongs
held-block = Block
held-specimen = Specimen
held-let-in = Add to this case
held-discard = Discard
held-not-let-in = The slide was not added
held-waiting =
    { $count ->
        [one] A slide that you sent is held.
       *[other] { $count } slides that you sent are held.
    }
held-see = See why
done-slide-let-in = Slide added to this case.
done-slide-discarded = Discarded. Nothing of this slide is kept.
error-held-case = Your institution has no case with this number. Check it on the label, or open the case first.
error-slide-not-held = No held slide has this identifier. Type: telepath slides held
command-slide-let-in = Slide added to case { $number }.
command-slide-discarded = Discarded. Nothing of this slide is kept.
command-slide-unverified = Label not verified: nothing readable on it names a case. Compare it yourself.

slide-label-verified = Label verified
slide-label-unverified = Label not verified
