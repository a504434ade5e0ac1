package upstream

import "github.com/gatehouse-graphql/gatehouse/supergraph"

// Waiting returns how many callers wait for shared requests to a subgraph that others may still join.
func (c *Client) Waiting(s *supergraph.Subgraph) (n int) {
	flights := c.targets[s.Index].flights
	flights.mu.Lock()
	defer flights.mu.Unlock()
	for _, f := range flights.byHash {
		n += f.waiting
	}
	return n
}
