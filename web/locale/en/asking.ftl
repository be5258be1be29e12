# Who is asked, who is asked next, and what happens as time passes.

notices-consult-alarm = The time for this opinion is nearly over, and the answer is not signed.
notices-consult-late = This opinion is overdue.
notices-consult-unanswered = No further expert can be asked about this request: choose what comes next.
notices-consult-unheard = Frozen section: nobody has accepted yet. Call who is on duty: the numbers are on the page.
notices-consult-ringing = Frozen section: { $by } needs an opinion now.
notices-consult-transferred = { $by } has handed your request over.
notices-offer-expired = A request that you did not answer was offered to another expert.
notices-offer-passed-on = { $by } does not take your request: the next expert is asked.

error-pool-empty = Nobody of this pool can be asked now. Choose another pool, or an expert.
error-ring-nobody = No expert of this organ can be asked now. Call who is on duty, or choose another organ.
error-offer-expired = The time to answer is over, and the request was offered to another expert. There is nothing for you to do.

audit-kind-consult-alarmed = Alarm given
audit-detail-alarm = Cause of the alarm
audit-detail-told = People told

moment-offered-several = Offered to { $count } experts at once
moment-withdrawn-several = Offer to { $count } experts withdrawn
moment-expired = No answer from { $about }
moment-expired-several = No answer from { $count } experts
moment-handed-over = Request handed over

asking-title-chain = Experts are asked one after another
asking-title-pool = { $count ->
    [one] One expert of the pool is asked
   *[other] { $count } experts of the pool are asked
}
asking-title-ring = { $count ->
    [one] One expert is being called
   *[other] { $count } experts are being called
}
asking-policy-chain = With no answer in time, or after a refusal, the next expert is asked without your doing.
asking-policy-pool = The first to accept reads the case. The others are told.
asking-policy-ring = They are reminded every minute. The first to accept reads the case.
asking-until = has until { $date } to answer
asking-since = since { $date }
asking-nobody-left = Nobody else can be asked after them: choose another expert yourself
asking-handed-over = { $name } has handed the request over
asking-phones = On duty now
asking-no-phones = Nobody is on a duty roster for this organ at the moment.
asking-no-phones-else = Ask another expert as well
asking-duty-until = until { $date }
offer-answer-by = With no answer from you by { $date }, the request will be offered to another expert.
offer-role-third = Two readings of this case differ. You read it in turn without knowing the other expert’s opinion, which is shown to you once yours is signed.
offer-role-co-reader = An expert invites you to write the opinion they were asked for together. You both sign it.
offer-role-countersigner = The network asks for a second signature: you read another expert’s opinion, then sign it too or send it back.

transfer-title = Hand over to another expert
transfer-hint = You will no longer see this case, nor will the colleagues you invited. Your draft is not handed over.
transfer-to = To whom
transfer-otherwise-requester = The requester chooses
transfer-otherwise-chain = The next expert of the list
transfer-nobody = No other expert can be asked at the moment.
field-transfer-reason = Reason
transfer-reason-hint = The requester will read it. No name or number of a patient.
transfer-send = Hand the request over
transfer-not-done = The request was not handed over
done-transferred = The request is handed over. The requester has been told.
