package workerpool

import "github.com/braidgo/braid/internal/argument"

// Resize changes how many workers there may be. More begin at once with what
// waits. Fewer means that idle workers leave now, and others when they have
// ended their task: none is interrupted. The queue keeps its size.
//
// Contract: that of Pool.
func (p *Pool) Resize(workers int) {
	argument.AtLeast("workerpool.Pool.Resize", "workers", workers, 1)
	p.mu.Lock()
	defer p.unlock()
	p.limit = workers
	p.setBusy(p.busy)
	p.dismiss(min(len(p.idle), max(0, p.size()-p.limit)))
	p.balance()
}
