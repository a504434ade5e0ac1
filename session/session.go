// Package session finds the facts about a caller that subgraphs get as headers: session variables, such as
// x-hasura-user-id. They come from the verified token, as configured, and never from the client, unless it has the admin
// secret. Names are in lower case and sorted, so that they can be signed.
//
// Nothing here writes a response or logs.
package session

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/claims"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/signature"
)

// Session makes session variables. It is read-only; a nil Session makes none.
type Session struct {
	prefix string
	// adminHeader is the header with the admin secret, in lower case: no session variable has its name.
	adminHeader string
	namespace   *namespace // nil when there is none
	variables   []variable // sorted by name
	roles       *roles     // nil when there are none
	// roleName is the name of the variable with the role, roleHeader that of the header by which a client chooses one.
	roleName, roleHeader string
}

// New compiles a configuration that Check accepts. adminHeader is the name of the header with the admin secret, "" if there
// is none.
func New(c Config, adminHeader string) (*Session, error) {
	if err := c.problems(); err != nil {
		return nil, err
	}
	prefix := c.HeaderPrefix()
	s := &Session{prefix: prefix, adminHeader: strings.ToLower(adminHeader), roleName: prefix + "role"}
	s.roleHeader = textproto.CanonicalMIMEHeaderKey(s.roleName)
	allowed, byDefault := source{}, source{}
	for name, v := range c.Variables {
		from, err := newSource(v)
		if err != nil {
			return nil, err
		}
		switch name = strings.ToLower(name); name {
		case prefix + allowedRoles:
			allowed = from
		case prefix + defaultRole:
			byDefault = from
		default:
			s.variables = append(s.variables, variable{name, from})
		}
	}
	slices.SortFunc(s.variables, func(a, b variable) int { return strings.Compare(a.name, b.name) })
	if c.ClaimsNamespace != "" {
		n, err := newNamespace(c.ClaimsNamespace, c.ClaimsFormat)
		if err != nil {
			return nil, err
		}
		s.namespace = n
	}
	if s.namespace != nil || allowed.given() {
		s.roles = &roles{
			allowed: allowed, byDefault: byDefault,
			allowedName: prefix + allowedRoles, defaultName: prefix + defaultRole,
		}
	}
	return s, nil
}

// Of returns the session variables of a caller, sorted by name, each at most once; none for an anonymous caller. header is
// that of the client's request: for a caller with a token it may choose among the roles that the token allows; for an
// administrator it has the variables.
//
// A caller whose token lacks what the configuration asks for is rejected with 401 (jwt-invalid-claims, or
// jwt-missing-role-claims), one who chooses a role that is not allowed with 403 (access-denied). The error is a *gqlerr.Error
// (BAD_REQUEST) for a request that says something twice.
func (s *Session) Of(caller authz.Identity, header http.Header) ([]signature.Field, *authz.Rejection, error) {
	switch {
	case s == nil || !caller.Authenticated():
		return nil, nil, nil
	case caller.Admin:
		fields, err := s.ofAdmin(header)
		return fields, nil, err
	case s.namespace == nil && len(s.variables) == 0 && s.roles == nil:
		return nil, nil, nil
	}
	wish := ""
	if s.roles != nil {
		var err error
		if wish, err = s.wishedRole(header); err != nil {
			return nil, nil, err
		}
	}
	fields, rejection := s.ofClaims(caller.Payload(), wish)
	return fields, rejection, nil
}

// ofClaims returns the session variables that verified claims give.
func (s *Session) ofClaims(set claims.Value, wish string) ([]signature.Field, *authz.Rejection) {
	var object claims.Value
	if s.namespace != nil {
		var ok bool
		if object, ok = s.namespace.in(set); !ok {
			return nil, invalidClaims("The token lacks the claims of a session")
		}
	}
	fields := make([]signature.Field, 0, len(s.variables)+object.Len()+1)
	for i := range s.variables {
		v := &s.variables[i]
		value, ok := v.from.text(set)
		if !ok {
			return nil, invalidClaims("The token has no usable value for " + v.name)
		}
		fields = append(fields, signature.Field{Name: v.name, Value: value})
	}
	fields, rejection := s.addMembers(fields, object)
	if rejection != nil {
		return nil, rejection
	}
	if s.roles != nil {
		role, rejection := s.roles.choose(set, object, wish)
		if rejection != nil {
			return nil, rejection
		}
		fields = append(fields, signature.Field{Name: s.roleName, Value: role})
	}
	slices.SortFunc(fields, func(a, b signature.Field) int { return strings.Compare(a.Name, b.Name) })
	return fields, nil
}

// addMembers adds the members of the namespace that are session variables. Those with a source of their own have it, and
// null is no value.
func (s *Session) addMembers(fields []signature.Field, object claims.Value) ([]signature.Field, *authz.Rejection) {
	for name, member := range object.Members() {
		name = lower(name)
		if !s.isVariable(name) || s.hasSource(name) || member.IsNull() {
			continue
		}
		value, ok := textOf(member)
		if !ok || !isFieldName(name) {
			return nil, invalidClaims("The token has a session variable that no header can carry")
		}
		fields = append(fields, signature.Field{Name: name, Value: value})
	}
	return fields, nil
}

// isVariable tells whether a name in lower case is that of a variable that is sent as it is said: roles are not, and the
// admin secret is nobody's fact.
func (s *Session) isVariable(name string) bool {
	rest, ok := strings.CutPrefix(name, s.prefix)
	return ok && rest != "role" && rest != allowedRoles && rest != defaultRole && name != s.adminHeader
}

func (s *Session) hasSource(name string) bool {
	_, found := slices.BinarySearchFunc(s.variables, name, func(v variable, name string) int { return strings.Compare(v.name, name) })
	return found
}

// ofAdmin returns the session variables that an administrator states. The role is "admin" if the request has no other.
func (s *Session) ofAdmin(header http.Header) ([]signature.Field, error) {
	role, err := s.wishedRole(header)
	if err != nil {
		return nil, err
	}
	if role == "" {
		role = "admin"
	}
	fields := []signature.Field{{Name: s.roleName, Value: role}}
	for name, values := range header {
		name = strings.ToLower(name)
		if !s.isVariable(name) || len(values) == 0 {
			continue
		}
		if len(values) > 1 {
			return nil, gqlerr.New(gqlerr.BadRequest, "The request says %s more than once", name)
		}
		if !isFieldValue(values[0]) || !isFieldName(name) {
			return nil, gqlerr.New(gqlerr.BadRequest, "The request has a session variable that no header can carry")
		}
		fields = append(fields, signature.Field{Name: name, Value: values[0]})
	}
	slices.SortFunc(fields, func(a, b signature.Field) int { return strings.Compare(a.Name, b.Name) })
	return fields, nil
}
