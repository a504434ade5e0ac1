package session

import (
	"net/http"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/claims"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// roles say which roles a caller may have, and which one the caller has who chooses none: from sources of their own, or else
// from the namespace.
type roles struct {
	allowed, byDefault       source
	allowedName, defaultName string
}

// choose returns the caller's role: the one that the request wishes, or else the default. Only an allowed role is one.
func (r *roles) choose(set, object claims.Value, wish string) (string, *authz.Rejection) {
	v := r.find(r.allowed, r.allowedName, set, object)
	if !v.Exists() {
		return "", missingRoles(r.allowedName)
	}
	allowed, ok := v.Strings()
	if !ok || !v.IsArray() {
		return "", invalidClaims("The token has no list of roles in " + r.allowedName)
	}
	role := wish
	if role == "" {
		v := r.find(r.byDefault, r.defaultName, set, object)
		if !v.Exists() {
			return "", missingRoles(r.defaultName)
		}
		if role, ok = v.Text(); !ok || role == "" || !isFieldValue(role) {
			return "", invalidClaims("The token has no role in " + r.defaultName)
		}
	}
	if !slices.Contains(allowed, role) {
		return "", accessDenied
	}
	return role, nil
}

// find returns the value of a source, or else of the member of the namespace with that name in whatever case; null is none.
func (r *roles) find(from source, name string, set, object claims.Value) claims.Value {
	if from.given() {
		return from.in(set)
	}
	for key, member := range object.Members() {
		if lower(key) == name && !member.IsNull() {
			return member
		}
	}
	return claims.Value{}
}

// wishedRole returns the role that a request chooses, "" if it chooses none.
func (s *Session) wishedRole(header http.Header) (string, error) {
	values := header[s.roleHeader]
	switch len(values) {
	case 0:
		return "", nil
	case 1:
		if isFieldValue(values[0]) {
			return values[0], nil
		}
	}
	return "", gqlerr.New(gqlerr.BadRequest, "The header %s must have one value", s.roleName)
}

// missingRoles rejects a caller whose token says nothing about roles.
func missingRoles(name string) *authz.Rejection {
	return rejection(gqlerr.JWTMissingRoleClaims, "The token lacks "+name)
}

// accessDenied rejects a caller who wishes a role that is not allowed. It does not say which ones are.
var accessDenied = &authz.Rejection{
	Status: http.StatusForbidden, Code: gqlerr.AccessDenied, Message: "The requested role is not an allowed role", Reason: "role",
}
