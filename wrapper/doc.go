// Package portal calls the Portal Client API (portalhq.io: MPC wallets) for an end user.
//
//	client, err := portal.New(portal.StaticToken(token))
//	ensured, err := client.EnsureMeldCustomer(ctx, &api.MeldCreateCustomerRequest{Email: "jane@example.com"})
//
// # Map of the package
//
//   - Construct: [New], [NewFromEnv], the With… options; [Client.WithTokenSource] for another end user.
//   - Authenticate: [TokenSource], [StaticToken], [CachedTokenSource].
//   - Call: the methods of [Client]; [Client.API] with [Result] for every other operation of the document.
//   - Understand failures: [APIError], the sentinels beside [ErrConflict], [ExistingMeldCustomerID].
//
// # What happens to a request
//
// Everything goes through one door (file door.go). It checks that the request goes to the base URL, asks the
// [TokenSource], sends, reads the body once under a cap, classifies by status before it decodes, and repeats
// the request if the class of the operation allows it (file retry.go).
//
// Credentials go to the scheme, host and port of the base URL and nowhere else; redirects are never followed.
// Errors and logs hold no token, header, body or value of a person.
package portal
