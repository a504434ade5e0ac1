package upstream

import (
	"context"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// timeout bounds one try: dial, request and the whole answer. It tells its own deadline (SUBREQUEST_TIMEOUT) from the
// end of the caller's context (that context's error) and from failures of the connection (the error as it is).
func timeout(next handler) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		bounded, cancel := context.WithTimeout(ctx, c.target.timeout)
		defer cancel()
		response, err := next(bounded, c)
		switch {
		case err == nil:
			return response, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case bounded.Err() != nil:
			return nil, gqlerr.New(gqlerr.SubrequestTimeout,
				"Subgraph %q did not answer within %s", c.target.name, c.target.timeout).Wrap(err)
		}
		return nil, err
	}
}
