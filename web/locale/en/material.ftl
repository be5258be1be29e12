# What the expert asks for before answering.

material-title = More is asked for
material-stopped = The clock is stopped
material-stopped-since = since { $time }
material-stopped-requester = { $name } needs the following to answer. The clock stands still until you have answered everything.
material-stopped-expert = The clock stands still until the requester has answered. You can go on writing; to sign at once, do without what you asked for.
material-asked-by = Asked by { $name }
material-answered-by = { $name }
material-came = { $count ->
    [one] Slide added since: { $slides }
   *[other] Slides added since: { $slides }
}
material-none-came = No slide was added since. If one is needed, add it to the case first.
material-answer-title = Answer
material-answer-send = Send the answer
material-withdraw = Do without it
material-ask-title = Ask for more
material-ask-hint = The clock stands still until the requester answers.
material-ask-kind = What you need
material-ask = Ask, and stop the clock
material-earlier = { $count ->
    [one] 1 thing asked for before
   *[other] { $count } things asked for before
}
material-not-asked = Nothing was asked for
material-not-answered = The answer was not sent

error-material-gone = This is awaited no more: the page shows what still is.
error-signing-stopped = The opinion cannot be signed: what the requester was asked for is still missing, and the clock stands still. Wait for the answer, or do without it; the text is kept.
error-material-by-expert = What is missing is asked for by the expert whose text you countersign: send it back and say what is needed.

material-recut = Recuts
material-ihc = Immunohistochemistry
material-molecular = Molecular pathology
material-slides = Other slides
material-clinical = Clinical information
material-answer-provided = Provided
material-answer-impossible = Not possible
material-answer-withdrawn = The expert does without it

field-material-text = Be precise: block, marker, slide, question
field-answer-text = Your answer
field-material-answer = What was asked for

done-material-asked = It is asked for. The clock is stopped.
done-material-answered = Your answer is sent.
done-consult-resumed = Nothing is awaited any more: the clock runs again.

notices-consult-suspended = More is needed to answer your request for an opinion: the clock is stopped.
notices-consult-resumed = Nothing more is awaited from the requester of an opinion: the clock runs again.

moment-material-recut = Recuts asked for, clock stopped
moment-material-ihc = Immunohistochemistry asked for, clock stopped
moment-material-molecular = Molecular pathology asked for, clock stopped
moment-material-slides = Other slides asked for, clock stopped
moment-material-clinical = Clinical information asked for, clock stopped
moment-material-provided = What was asked for is provided
moment-material-impossible = What was asked for is not possible
moment-material-withdrawn = The expert does without what was asked for

audit-kind-consult-material-answered = Answer to what an expert asked for
audit-detail-material = What was asked for
audit-detail-material-kind = Kind of what was asked for
audit-detail-material-answer = Answer to it
audit-detail-due-at = Deadline
