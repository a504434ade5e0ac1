package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	memory "github.com/gatehouse-graphql/gatehouse/internal/budget"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Client calls the subgraphs of one supergraph. It is safe for concurrent use.
type Client struct {
	targets   []*target // by supergraph.Subgraph.Index
	do        handler
	effects   effects
	transport *http.Transport
}

// target is one subgraph, compiled: read-only but for its flights, room, breaker and budget.
type target struct {
	name     supergraph.SubgraphName
	url      *url.URL
	header   headerTemplate
	timeout  time.Duration
	maxBytes int64
	memory   *memory.Budget
	flights  *flights
	forward  *forward
	observer Observer
	room     *room
	breaker  *breaker
	budget   *budget
	// extension and message are nil when the calls are not signed that way.
	extension *extensionSigner
	message   *signature.Signer
}

// call is one call on its way through the steps. It belongs to the goroutine that runs the step.
type call struct {
	target *target
	// repeatable and shareable are those of Request.
	repeatable, shareable bool

	origin *Origin
	// header is what is sent; it is read-only, since calls without headers of their own share the template's.
	header http.Header
	// session are those of the headers that are session variables, sorted by name: what a signature has to cover.
	session []signature.Field
	// body is the call's own; appending to it does not disturb what callers compare to share it. Its first asked bytes are what
	// the caller asked for, and foreign is Request.Foreign.
	body    []byte
	asked   int
	foreign []Span
	// braces is how many objects of the body are not ended: itself, and perhaps its extensions.
	braces int
}

// New returns a client for the subgraphs, which are those of one supergraph: Subgraphs of supergraph.Schema. Entries of
// own for which there is no subgraph have no effect. It reads the secrets of the keys. The error names every subgraph that
// has no usable URL, and every key that cannot be used, with its path in the configuration file.
func New(subgraphs []*supergraph.Subgraph, config Config, own map[supergraph.SubgraphName]SubgraphConfig) (*Client, error) {
	c := &Client{transport: newTransport(config)}
	c.do = chain(steps(config), send(c.transport))
	secrets, unread := config.Signing.read()
	var problems []error
	if _, err := newHeaderTemplate(config, SubgraphConfig{}); err != nil {
		problems = append(problems, fmt.Errorf("headers: %w", err))
		config.Headers = HeaderConfig{} // said once is enough
	}
	for _, s := range subgraphs {
		t, err := newTarget(s, config, own[s.Name], &c.effects)
		if err == nil && unread == nil {
			err = t.newSigners(config.Signing, secrets, own[s.Name])
		}
		if err != nil {
			problems = append(problems, err)
		}
		c.targets = append(c.targets, t)
	}
	if err := errors.Join(append(problems, unread)...); err != nil {
		return nil, err
	}
	return c, nil
}

// Do makes one call; see Doer. Errors are a *gqlerr.Error with code SUBREQUEST_HTTP_ERROR (no connection, or a status
// without a GraphQL response), SUBREQUEST_TIMEOUT, SUBREQUEST_CIRCUIT_OPEN or SUBREQUEST_OVERLOADED (it was not made), or
// SUBREQUEST_MALFORMED_RESPONSE (no JSON object, or too long), whose message names the subgraph but neither its URL nor what
// it answered. When ctx ends first the error is ctx.Err().
func (c *Client) Do(ctx context.Context, r *Request) (*Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.Subgraph.Index < 0 || r.Subgraph.Index >= len(c.targets) {
		return nil, gqlerr.New(gqlerr.InternalServerError, "subgraph %q cannot be called", r.Subgraph.Name)
	}
	origin := r.Origin
	if origin == nil {
		origin = &nobody
	}
	return c.do(ctx, &call{
		target:     c.targets[r.Subgraph.Index],
		repeatable: r.Repeatable, shareable: r.Shareable && r.Repeatable,
		origin: origin,
		body:   copyBody(r.Body, origin),
		asked:  len(r.Body), foreign: r.Foreign, braces: 1,
	})
}

// nobody is where a call comes from when nothing is said about it.
var nobody Origin

// SignsExtension tells whether calls to the subgraph carry the extension signature, so that Request.Foreign matters.
func (c *Client) SignsExtension(s *supergraph.Subgraph) bool {
	return s.Index >= 0 && s.Index < len(c.targets) && c.targets[s.Index].extension != nil
}

// ForwardsHeaders tells whether some subgraph gets headers of clients, so that answers depend on them.
func (c *Client) ForwardsHeaders() bool {
	return slices.ContainsFunc(c.targets, func(t *target) bool { return t.header.client != nil })
}

// Close gives up idle connections. Calls in flight are not disturbed.
func (c *Client) Close() { c.transport.CloseIdleConnections() }
