# Opinions: worklist, request, offer, reading, signature, report.

organ-digestive = Digestive tract
organ-breast = Breast
organ-skin = Skin
organ-lymphoid = Lymph node, marrow, spleen
organ-soft-tissue = Soft tissue
organ-lung = Lung, pleura
organ-gynaecology = Gynaecology
organ-urology = Kidney, urinary tract, male genital
organ-nervous = Nervous system
organ-endocrine = Endocrine glands
organ-head-neck = Head and neck
organ-bone = Bone
organ-other = Other

urgency-frozen = Frozen section
urgency-urgent = Urgent
urgency-standard = Standard
urgency-systematic = Systematic review

language-fr = French
language-en = English

consults-status-draft = Draft
consults-status-active = Under way
consults-status-on-hold = To be redirected
consults-status-revoked = Cancelled
consults-status-completed = Answered

worklist-title = Worklist
worklist-lead = { $count ->
    [0] Nothing is waiting for you.
    [one] One request is waiting for you.
   *[other] { $count } requests are waiting for you.
}
worklist-late = { $count ->
    [one] One deadline has passed.
   *[other] { $count } deadlines have passed.
}
worklist-to-do = To do
worklist-waiting = Waiting
worklist-done = Done
worklist-waiting-none = Not waiting for any answer
worklist-done-none = Nothing finished in the last thirty days
worklist-erased = Request about an erased case
worklist-done-hint = Opinions signed in the last thirty days. Older ones are found in their case.
worklist-empty = No requests yet
worklist-empty-text = To ask for an opinion, open the case concerned. Requests that you receive appear here without reloading the page.
worklist-open-cases = See the cases
worklist-request = Request
worklist-urgency = Urgency
worklist-due = Due
worklist-with = With
worklist-state = State
worklist-signed-at = Signed

entry-to-answer = To accept
entry-accepted = Accepted
entry-in-progress = Being written
entry-on-hold = To be redirected
entry-offered = Offered
entry-being-read = Being read
entry-to-read = Opinion to read
entry-answered = Answered
entry-signed = Signed
entry-erased = Erased
entry-revoked = Cancelled

consults-new-title = Ask for an opinion
consults-new-lead = Case { $number } – { $title }
consults-new-question-title = Your question
consults-question-hint = What you ask the expert, in a sentence or two. No patient identity.
consults-context-hint = Taken from the case; add to it if needed. Age, history, gross findings, immunohistochemistry already done.
consults-experts-title = The expert
consults-experts-hint = Ordered by telepath, with the reasons. The choice is yours.
consults-experts-none = No expert to propose
consults-experts-none-text = Elsewhere nobody is entered as an expert for this organ, or available. To widen the search, try a neighbouring organ, or ask the team that runs telepath to enter an expert.
consults-experts-none-else = All the experts for this organ have been asked or are not available. To widen the search, cancel this request and make another one from the case, or ask the team that runs telepath to enter an expert.
consults-propose = Propose experts
consults-propose-hint = Use it after changing the organ or the urgency.
consults-first-choice = Proposed first
consults-due-by = Due by { $date }
consults-left-out = Experts not proposed ({ $count })
consults-send = Send the request
consults-sharing = The expert first sees the request alone. On accepting, the expert has access to the case and its slides until the opinion is signed and for thirty days after.

consults-title-case = Opinion on case { $number }
consults-print = Report (PDF)
consults-revoke = Cancel the request
consults-revoke-title = Cancel this request
consults-revoke-hint = The expert will no longer have access to the case or its slides. A cancelled request cannot be resumed.
consults-question-title = The question
consults-slides-title = Slides
consults-no-slides = This case has no slide yet.
consults-live = Open live
consults-live-named = Open slide { $slide } live
consults-open-case = Open the case
consults-facts-title = The request
consults-requester = Requester
consults-expert = Expert
consults-expert-asked = Expert asked
consults-requested-at = Requested
consults-due-at = Due
consults-why = Why this expert
consults-history-title = History
consults-history-earlier = { $count ->
    [one] One earlier step
   *[other] { $count } earlier steps
}
consults-jumps = On this page
consults-jump-opinion = Opinion
consults-thread-title = Discussion
reader-unnamed = A reader
consults-thread-case = Discussion of the case
consults-thread-hint = Read by the requester and the expert. No patient identity.

consults-offer-title = This request is addressed to you
consults-offer-text = By accepting you gain access to the case and its slides, and undertake to answer by { $date }.
consults-unable-no-expert-title = You are not an expert at present
consults-unable-no-expert = You can therefore neither write nor sign this opinion; what you had written is kept. Your role has changed. Ask the administrator of your institution.
consults-unable-no-expert-offer = The role of expert is missing at present: you may decline this request, and not accept it. Ask the administrator of your institution.
consults-unable-other-institution-title = You were asked for this opinion elsewhere
consults-unable-other-institution = You were asked for this opinion in another activity of yours: { $place }. To write or sign it, sign out, then choose it when you sign in again. What you had written is kept.
consults-unable-other-institution-offer = You are asked for this in another activity of yours: { $place }. You may decline it; to accept it, sign out, then choose it when you sign in again.
consults-accept = Accept
consults-decline = Decline
consults-decline-title = Decline this request
consults-decline-hint = The requester reads this reason and can ask another expert at once.
consults-on-hold = All the experts who were asked have declined
consults-declined-because = { $name } declined:
consults-revoked = This request was cancelled.
consults-another-title = Ask another expert
consults-another-beside = Ask another expert as well
consults-another-hint = The first to accept gives the opinion; the request is then withdrawn from the other.
consults-another-send = Ask this expert

consults-opinion-title = Your opinion
consults-conclusion-hint = The diagnosis, and the answer to the question.
consults-remarks-hint = Further tests advised, reservations, limits of reading these slides remotely.
consults-codings-hint = One code a line, after its system: ADICAP (lesions, French thesaurus), ICD-O (tumours), ICD-10 (diseases) or SNOMED CT (clinical terms). Example: ICD-O 8140/3.
consults-save = Save the draft
consults-saved-at = Saved at { $time }
consults-not-saved-yet = The draft is saved as you type.
consults-sign = Sign the opinion
consults-review = Read again and sign
consults-sign-hint = You read the text once more before signing; signing asks for a recent authentication. A signed opinion is never changed: a correction is an addendum or an amended opinion.
consults-confirm-title = Read once more before signing
consults-confirm-nothing-yet = Nothing is signed yet: read, then sign.
consults-confirm-text = This is what will be signed, under your name and dated now.
consults-confirm-back = Go back to writing
consults-conflict-title = Two windows changed this draft
consults-conflict-text = Nothing was overwritten. The saved text is below, yours is in the form: complete it, then save again.
consults-conflict-kept = Saved text
consults-not-signed = The opinion is not signed
consults-not-amended = The addendum is not signed
consults-not-saved = The draft is not saved
consults-not-declined = The request is not declined
consults-not-written = The message is not sent
consults-not-sent = The request is not sent
consults-waiting-opinion = The opinion has not been given yet.
consults-waiting-opinion-text = You will be told as soon as it is signed. Nothing of the draft shows before.
consults-completed = Completed
consults-amended = { $count ->
    [one] Completed by an addendum
   *[other] Completed by { $count } addenda
}
consults-signed-by = Signed by { $name }, { $place }
consults-codings = Codes
consults-system = { $system ->
    [CIM-10] ICD-10
   *[other] { $system }
}
consults-verification = Verification code:
consults-digest = SHA-256 digest
consults-addendum-new = Write an addendum
consults-addendum-hint = The signed opinion stays as it is. The addendum is added to it, signed and dated; the requester is told.
consults-addendum-text = Text of the addendum
consults-addendum-sign = Sign the addendum

moment-requested = Opinion requested
moment-offered = Offered to { $about }
moment-accepted = Request accepted
moment-declined = Request declined
moment-withdrawn = Offer to { $about } withdrawn
moment-drafting = Draft saved
moment-signed = Opinion signed
moment-amended = Addendum no. { $count } signed
moment-room = Live session opened
moment-line = { $count ->
    [one] Message
   *[other] { $count } messages
}
moment-revoked = Request cancelled

field-question = Question
field-urgency = Urgency
field-expert = Expert
field-decline-reason = More about it
field-conclusion = Conclusion
field-remarks = Comment and limits
field-codings = Diagnosis codes

consults-report-title = Remote pathology opinion
consults-report-subtitle = { $organ } – second opinion on digital slides
consults-report-number = Case { $number }
consults-report-requester = Requester
consults-report-expert = Expert
consults-report-rpps = RPPS { $number }
consults-report-organ = Organ
consults-report-urgency = Urgency
consults-report-asked = Requested
consults-report-signed = Signed
consults-report-slides = Slides opened by the expert
consults-report-case = Case
consults-report-specimen = specimen { $label }
consults-report-block = block { $block }
consults-report-no-slides = none in telepath
consults-report-addenda = Completed by
consults-report-addenda-count = { $count ->
    [one] one addendum, of { $at }
   *[other] { $count } addenda, the last of { $at }
}
consults-report-question = Question
consults-report-context = Clinical information
consults-report-shown = How the slides were displayed
consults-report-codings = Codes
consults-report-verification = Verification code
consults-report-digest = SHA-256
consults-report-signed-by = Signed by { $name }, { $at }
consults-report-authenticated = Identity of the signer verified by Pro Santé Connect on { $at }
consults-report-use = An opinion between health professionals, given remotely on digital images with telepath, which is not a certified medical device. The diagnosis rests with the requesting pathologist. This document names the case by its pseudonymous number and does not contain the patient’s identity.

error-expert-not-chosen = Choose an expert.
error-expert-not-proposed = This expert can no longer be asked for this request. Choose another one from the updated list.
error-offer-withdrawn = This request no longer waits for you: it was withdrawn, or another expert has accepted it.
error-draft-conflict = Another window saved this draft meanwhile. Nothing was overwritten.
error-coding-unreadable = “{ $line }” is not a known code. Write the system, then the code, one a line (ADICAP, ICD-O, ICD-10, SNOMED CT).
