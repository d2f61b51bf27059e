// Package portal calls the Portal Client API (portalhq.io: MPC wallets) for an end user.
//
//	client, err := portal.New(portal.StaticToken(token))
//	ensured, err := client.EnsureMeldCustomer(ctx, &api.MeldCreateCustomerRequest{Email: "jane@example.com"})
//
// # Map of the package
//
//   - Construct: [New], [NewFromEnv], the With… options; [Client.WithTokenSource] for another end user,
//     [Client.With] for other options.
//   - Authenticate: [TokenSource], [StaticToken], [CachedTokenSource]; [NewCustodian] and [Custodian.Sessions] for
//     tokens from Portal's custodian API.
//   - Call: the methods of [Client], one for each operation; [Client.API] for the generated client.
//   - Understand failures: [APIError], the sentinels beside [ErrConflict], [ExistingMeldCustomerID]; [CaptureResponse]
//     for what came of any call.
//
// # What happens to a request
//
// Every call takes one way to the network. It checks what it was passed, and then, in each attempt, asks the
// [TokenSource], checks that the request goes to the base URL, sends it, and reads the body once under a cap. It
// classifies the reply by status before it decodes, and repeats the request if that is allowed for the operation.
//
// Credentials go to the scheme, host and port of the base URL and nowhere else; redirects are never followed.
// Errors and logs hold no token, header, body or value of a person.
package portal
