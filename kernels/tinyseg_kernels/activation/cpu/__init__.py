"""What the compiled rung of the activations stands on."""
