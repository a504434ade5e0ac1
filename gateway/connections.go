package gateway

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// connections bounds how many clients are connected to a listener. Each takes memory and a descriptor, of which calls to subgraphs need
// some, and connections cost those nothing who open them and wait. When there are too many, the one that has been waited for the longest
// is closed: for its first request, its next, the rest of one, or to read an answer. A request that has arrived is never broken off for
// others before it is answered: where there are such only, the new connection is closed.
type connections struct {
	most int
	// closed is told of each that is closed for others.
	closed func()

	mu   sync.Mutex
	open map[net.Conn]*connection
	// awaited are those that are waited for, the longest first.
	awaited list.List
}

// connection is one of them.
type connection struct {
	of    *connections
	conn  net.Conn
	place *list.Element // in awaited; nil while somebody works on a request
}

// connectionKey is under which a request's context has its connection.
type connectionKey struct{}

func newConnections(most int, closed func()) *connections {
	return &connections{most: most, closed: closed, open: map[net.Conn]*connection{}}
}

// accept is for http.Server.ConnContext: it notes a new connection.
func (c *connections) accept(ctx context.Context, conn net.Conn) context.Context {
	one := &connection{of: c, conn: conn}
	c.mu.Lock()
	c.open[conn] = one
	victim := conn
	if first := c.awaited.Front(); first != nil {
		victim = first.Value.(*connection).conn //nolint:forcetypeassert // nothing else is in there
	}
	c.await(one)
	tooMany := len(c.open) > c.most
	if tooMany {
		c.remove(victim)
	}
	c.mu.Unlock()
	if tooMany {
		_ = victim.Close()
		c.closed()
	}
	return context.WithValue(ctx, connectionKey{}, one)
}

// changed is for http.Server.ConnState.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.open[conn]
	switch {
	case one == nil: // closed for others
	case state == http.StateClosed, state == http.StateHijacked:
		c.remove(conn)
	case state == http.StateActive, state == http.StateIdle: // something came, or was answered
		c.await(one)
	}
}

// await notes that an open connection is waited for from now on. The caller holds the lock.
func (c *connections) await(one *connection) {
	if one.place != nil {
		c.awaited.MoveToBack(one.place)
		return
	}
	one.place = c.awaited.PushBack(one)
}

// remove forgets a connection. The caller holds the lock.
func (c *connections) remove(conn net.Conn) {
	one := c.open[conn]
	delete(c.open, conn)
	if one.place != nil {
		c.awaited.Remove(one.place)
		one.place = nil
	}
}

// arrived notes that a request is here as a whole: from now on somebody works on it, until its answer is written.
func arrived(ctx context.Context) {
	one, ok := ctx.Value(connectionKey{}).(*connection)
	if !ok { // the program has a server of its own
		return
	}
	c := one.of
	c.mu.Lock()
	defer c.mu.Unlock()
	if one.place != nil {
		c.awaited.Remove(one.place)
		one.place = nil
	}
}

// answering notes that an answer, or the next part of one, is about to be written: from now on the client is waited for again, who has
// to read it. It returns the connection; nil where the program has a server of its own.
func answering(ctx context.Context) net.Conn {
	one, ok := ctx.Value(connectionKey{}).(*connection)
	if !ok {
		return nil
	}
	c := one.of
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[one.conn] == one { // not closed for others
		c.await(one)
	}
	return one.conn
}
