"""What happens: the facts, the steps that turn facts into facts, and the hosts that run them."""
