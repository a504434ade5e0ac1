package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/textproto"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/session"
	"github.com/gatehouse-graphql/gatehouse/signature"
)

// callers is how a state finds out who sends a request. It does nothing when nobody is to be recognised.
type callers struct {
	method authz.Method
	// own is method, if it is the gateway's own.
	own *authz.Authenticator
	// preventCSRF: browsers may send credentials on their own.
	preventCSRF bool
	// session are the facts about callers that subgraphs get; nil for none.
	session *session.Session
}

// recognises tells whether callers can be more than anonymous.
func (o options) recognises(config Config) bool {
	return o.method != nil || len(config.JWT.Providers) > 0 || config.AdminSecret != nil
}

// depends tells whether what one caller is answered may differ from what another one is. A program that decides itself is given the
// request's context, which may say who calls.
func (o options) depends(config Config) bool {
	return o.recognises(config) || o.policy != nil || o.fields != nil
}

// newCallers returns what the configuration or the program says. A program's own method may read cookies, so that CSRF is
// prevented. The admin secret comes before every other method; browsers send it for no page that does not know it.
func newCallers(ctx context.Context, config Config, o options) (*callers, error) {
	var problems []Problem
	config.JWT.check(o.method != nil, func(path, text string) {
		problems = append(problems, Problem{Path: pathBelow("jwt", path), Text: text})
	})
	if len(problems) > 0 {
		return nil, &ConfigError{Problems: problems}
	}
	c := &callers{}
	if o.method != nil {
		c.method, c.preventCSRF = counted{o.method, o.metrics, "program", ""}, true
	}
	var err error
	if config.Session != nil {
		if c.session, err = session.New(*config.Session, config.reserved().AdminHeader); err != nil {
			return nil, err
		}
	}
	if len(config.JWT.Providers) > 0 {
		if c.own, err = authz.NewAuthenticator(ctx, config.JWT.Config, o.metrics.observer(o.logger)); err == nil {
			c.method, c.preventCSRF = c.own, config.JWT.UsesCookies()
		}
	}
	if config.AdminSecret != nil {
		admin, unread := session.NewAdmin(*config.AdminSecret, c.method)
		err = errors.Join(err, unread)
		c.method = counted{admin, o.metrics, "adminSecret", textproto.CanonicalMIMEHeaderKey(config.AdminSecret.Header)}
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// recognise tells whether anybody can be more than anonymous.
func (c *callers) recognise() bool { return c.method != nil }

// noStore is a Cache-Control for answers that depend on the caller: no cache may hand one to somebody else.
var noStore = []string{"no-store"}

// caller is who sends a request, and the facts about it that subgraphs get.
type caller struct {
	authz.Identity

	session []signature.Field
}

// authenticate returns the caller, anonymous where there is none, and as an error whoever must not go on: a *refusal, or a
// question that could not be decided.
func (c *callers) authenticate(w http.ResponseWriter, r *http.Request) (caller, error) {
	if !c.recognise() {
		return caller{}, nil
	}
	w.Header()["Cache-Control"] = noStore
	id, rejection, err := c.method.Authenticate(r)
	var facts []signature.Field
	if err == nil && rejection == nil {
		facts, rejection, err = c.session.Of(id, r.Header)
	}
	switch {
	case err != nil:
		return caller{}, err
	case rejection != nil:
		return caller{}, &refusal{rejection, gqlerr.List{rejection.GraphQLError()}}
	}
	return caller{id, facts}, nil
}

// readiness tells whether callers can be recognised, and for operators what is not as it should be.
func (c *callers) readiness() (ready bool, reasons []string) {
	if c.own == nil {
		return true, nil
	}
	return c.own.Ready()
}

func (c *callers) close() {
	if c.own != nil {
		c.own.Close()
	}
}

// refusal is the error for a caller who is rejected, or whose operation is rejected as a whole.
type refusal struct {
	rejection *authz.Rejection
	errors    gqlerr.List
}

// Error implements error.
func (r *refusal) Error() string { return r.errors.Error() }

// Unwrap returns what clients read.
func (r *refusal) Unwrap() error { return r.errors }
