;; What starting any component costs.
(component)
