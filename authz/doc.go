// Package authz decides who is calling and what they may see.
//
// Authenticate finds the token of a request, verifies it and returns an Identity, together with a Rejection when there is
// no valid token: both before anything of the body is read. Nothing here writes a response, and nothing here logs: tokens
// and claims leave this package only in an Identity.
package authz
