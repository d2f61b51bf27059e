// Package apicheck reads an OpenAPI 3.1 document and checks requests and replies against it, the way the API
// behind it would: paths, parameters, headers and bodies, down to formats. It also answers for the API: with
// the document's example of a reply, or with a small value made from the schema.
//
// What is wrong with a request is told by place and rule, and never by value, which may be a person's.
//
// Any valid document is taken. Something that this package cannot check, such as a pattern in another dialect
// than Go's, costs that one check and no more.
package apicheck
