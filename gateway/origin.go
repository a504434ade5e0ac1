package gateway

import (
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// origin returns what calls to subgraphs may be told of the request and its caller. An error means that the client's extensions
// cannot be forwarded.
func (s *state) origin(r *http.Request, caller caller, x *exchange) (*upstream.Origin, error) {
	extensions, err := s.extensions.pick(x.extensions)
	if err != nil {
		return nil, err
	}
	return &upstream.Origin{
		Header: r.Header, Host: r.Host, RemoteAddr: r.RemoteAddr,
		Caller: upstream.Caller{
			Claims: caller.Payload(), Token: caller.Token, Prefix: caller.Prefix, Admin: caller.Admin,
		},
		Session:    caller.session,
		Extensions: extensions,
	}, nil
}

// forwarded are the names of the extensions that clients may send to subgraphs.
type forwarded []string

// pick returns the members of a client's extensions that are forwarded, without braces. Names are compared exactly.
func (f forwarded) pick(extensions []byte) ([]byte, error) {
	if len(f) == 0 || len(extensions) == 0 {
		return nil, nil
	}
	// Subgraphs have parsers of their own, which must all read the same.
	object, err := claims.Parse(extensions)
	if err != nil {
		return nil, gqlerr.New(gqlerr.BadRequest,
			"The extensions cannot be forwarded: a name occurs twice, perhaps in another case, or they are too deep or too many").Wrap(err)
	}
	var members []byte
	for _, name := range f {
		value := object.Member(name)
		if !value.Exists() {
			continue
		}
		if members != nil {
			members = append(members, ',')
		}
		members = append(gqlerr.AppendString(members, name), ':')
		members = append(members, value.Raw()...)
	}
	return members, nil
}
