package io.longstrand.zero;

import io.longstrand.attention.AttentionForm;
import io.longstrand.attention.Masking;
import io.longstrand.model.ActivationForm;
import io.longstrand.model.ModelShape;

/**
 * What is trained, and how it is held.
 *
 * @param shape of the model
 * @param masking which keys a query sees
 * @param attention how it is computed
 * @param microBatch sequences of a batch
 * @param length tokens of a sequence
 * @param state how the state is held; its compute type is that of activations too
 * @param activations what a pass keeps
 * @param place where it is kept
 */
public record TrainableForm(
        ModelShape shape,
        Masking masking,
        AttentionForm attention,
        int microBatch,
        int length,
        StateForm state,
        ActivationForm activations,
        ActivationPlace place) {}
