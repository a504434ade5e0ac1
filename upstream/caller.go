package upstream

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// Forward is what subgraphs are told about the caller, in the extensions of each request: the "jwt.forward" section of the
// configuration file. Nothing is told about anonymous callers and about administrators.
type Forward struct {
	// Payload is the payload of the token, byte for byte.
	Payload bool `json:"payload"`
	// Token is the token itself, with its prefix.
	Token bool `json:"token"`
	// ExtensionsFieldName is the name of the extension.
	ExtensionsFieldName string `json:"extensionsFieldName"`
}

// DefaultForward returns what holds when nothing is configured.
func DefaultForward() Forward { return Forward{Payload: true, ExtensionsFieldName: "jwt"} }

// Check calls report for everything that is wrong with f, with the path of the member within f.
func (f Forward) Check(report func(path, problem string)) {
	if f.ExtensionsFieldName == "" {
		report("extensionsFieldName", "must not be empty")
	}
}

// Claims says which claims a subgraph is told: true for all, false for none, or a list of claim paths. A path keeps its
// place: of "$.org.id" the subgraph gets {"org":{"id":...}}.
type Claims struct {
	All   bool     `config:"alternative"`
	Paths []string `config:"alternative"`
}

// check calls report for every path that is none, with its place in the list.
func (c *Claims) check(report func(path, problem string)) {
	if c == nil {
		return
	}
	for i, text := range c.Paths {
		if _, err := placeOf(text); err != nil {
			report(fmt.Sprintf("[%d]", i), err.Error())
		}
	}
}

// placeOf returns the names of the members that lead to a claim.
func placeOf(text string) ([]string, error) {
	path, err := claims.ParsePath(text)
	if err != nil {
		return nil, err
	}
	names, ok := path.Members()
	if !ok {
		return nil, errors.New("leads into a list, where a claim would lose its place; name the list")
	}
	return names, nil
}

// forward is what one subgraph is told, compiled. A list of claims is a tree of what is taken.
type forward struct {
	head    []byte // "jwt":{
	payload bool
	token   bool
	// claims are those that are taken, nil for all.
	claims []*takenClaim
}

// takenClaim is a member of the claims, or of an object in them, that is taken as a whole or in parts.
type takenClaim struct {
	name  string
	head  []byte // "name":
	parts []*takenClaim
	whole bool
}

// newForward compiles what a subgraph is told.
func newForward(common Forward, own SubgraphConfig) *forward {
	name := common.ExtensionsFieldName
	if name == "" {
		name = DefaultForward().ExtensionsFieldName
	}
	f := &forward{
		head:    append(gqlerr.AppendString(nil, name), ':', '{'),
		payload: common.Payload, token: common.Token,
	}
	if own.JWT.Token != nil {
		f.token = *own.JWT.Token
	}
	if only := own.JWT.Payload; only != nil {
		f.payload = only.All || len(only.Paths) > 0
		for _, path := range only.Paths {
			names, err := placeOf(path)
			if err != nil {
				names = []string{path} // check has refused it
			}
			f.claims = take(f.claims, names)
		}
	}
	return f
}

// take adds a claim to those that are taken.
func take(among []*takenClaim, names []string) []*takenClaim {
	var at *takenClaim
	for _, t := range among {
		if t.name == names[0] {
			at = t
		}
	}
	if at == nil {
		at = &takenClaim{name: names[0], head: append(gqlerr.AppendString(nil, names[0]), ':')}
		among = append(among, at)
	}
	if len(names) == 1 {
		at.whole = true
	} else {
		at.parts = take(at.parts, names[1:])
	}
	return among
}

// caller adds what the subgraph may know of the caller to the body's extensions, and what the client may add to them. It writes
// straight from the claims, of which all subgraphs of a request share the one that was verified: copying what another call
// wrote would cost as much.
func caller(next handler) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		c.target.forward.tell(c)
		if len(c.origin.Extensions) > 0 {
			c.extend()
			c.body = append(c.body, c.origin.Extensions...)
		}
		return next(ctx, c)
	}
}

// tell appends the caller.
func (f *forward) tell(c *call) {
	who := &c.origin.Caller
	payload := f.payload && who.Claims.Exists()
	token := f.token && who.Token != ""
	if who.Admin || !payload && !token {
		return
	}
	c.extend()
	body := c.body
	body = append(body, f.head...)
	if payload {
		body = append(body, `"payload":`...)
		if f.claims == nil {
			body = append(body, who.Claims.Raw()...)
		} else {
			body, _ = appendTaken(body, f.claims, who.Claims)
		}
	}
	if token {
		if payload {
			body = append(body, ',')
		}
		body = append(body, `"token":{"value":`...)
		body = gqlerr.AppendString(body, who.Token)
		body = append(body, `,"prefix":`...)
		body = append(gqlerr.AppendString(body, who.Prefix), '}')
	}
	body = append(body, '}')
	c.body = body
}

// appendTaken appends an object of the claims that are taken from another, and tells whether it has any.
func appendTaken(dst []byte, taken []*takenClaim, from claims.Value) ([]byte, bool) {
	dst = append(dst, '{')
	first := len(dst)
	for _, t := range taken {
		value := from.Member(t.name)
		if !value.Exists() {
			continue
		}
		mark := len(dst)
		if mark > first {
			dst = append(dst, ',')
		}
		dst = append(dst, t.head...)
		if t.whole {
			dst = append(dst, value.Raw()...)
			continue
		}
		var some bool
		if dst, some = appendTaken(dst, t.parts, value); !some {
			dst = dst[:mark]
		}
	}
	some := len(dst) > first
	return append(dst, '}'), some
}

// CheckNames calls report for every extension of clients that has the name of one of ours, in whatever case, or occurs twice.
// The path is that of the name in the list.
func CheckNames(clients []string, f Forward, s *Signing, report func(path, problem string)) {
	for i, name := range clients {
		path := fmt.Sprintf("[%d]", i)
		switch {
		case name == "":
			report(path, "must not be empty")
		case strings.EqualFold(name, f.ExtensionsFieldName), strings.EqualFold(name, s.extensionName()):
			report(path, fmt.Sprintf("%q is an extension of the gateway, and clients must not be able to send it", name))
		}
		for _, other := range clients[:i] {
			if strings.EqualFold(name, other) {
				report(path, fmt.Sprintf("%q occurs twice, perhaps in another case", name))
			}
		}
	}
}
