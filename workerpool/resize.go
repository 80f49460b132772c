package workerpool

// Resize changes how many workers there may be. More begin at once with what
// waits. Fewer means that idle workers leave now, and others when they have
// ended their task: none is interrupted. The queue keeps its size.
//
// Contract: that of Pool.
func (p *Pool) Resize(workers int) {
	checkWorkers("Pool.Resize", workers)
	p.mu.Lock()
	defer p.unlock()
	p.limit = workers
	p.setBusy(p.busy)
	p.dismiss(min(len(p.idle), max(0, p.size()-p.limit)))
	p.balance()
}
