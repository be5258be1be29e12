# Signing in by telephone; telephone.ts reads one sentence of it.

phone-title = Sign in by telephone
phone-heading = Sign in with your telephone
phone-lead = Your e-CPS application will ask you to confirm. Have your telephone at hand.
phone-step-up-heading = Confirm who you are with your telephone
phone-step-up-lead = This act needs a recent authentication. The e-CPS application of { $name } will ask for a confirmation.
phone-number = Your RPPS number
phone-number-hint = Eleven digits. Without an RPPS number: your national identifier.
phone-send = Send the request to my telephone
phone-card = Sign in another way
phone-waiting-title = Confirm on your telephone
phone-waiting-lead = Open the e-CPS application. It shows a request from telepath.
phone-digits = The two digits to compare
phone-step-one = Check that your telephone shows the same two digits.
phone-step-two = Enter your code in the application, then confirm.
phone-step-three = This page goes on by itself.
phone-warning = Other digits, or a request that you did not make? Refuse it.
phone-left = { $seconds ->
    [0] No more waiting
    [one] { $seconds } second left
   *[other] { $seconds } seconds left
}
phone-silent = Pro Santé Connect does not answer at the moment. The page tries again by itself.
phone-cancel = Give up
phone-nothing = Nothing arrives on your telephone? Check the number you entered, and that the e-CPS application is activated on that device.
