"""Keras's public names and arguments, in the scope of tinyseg.

Made by `python -m tests.parity.keras_signatures tinyseg/utils/keras_signatures.py`.
"""

from __future__ import annotations

VERSION = "3.15.1"
"""Of the Keras that this was read from."""

NAMES: dict[str, str] = {
    # Module: its public names. The empty module is `keras` itself.
    "": """
        DTypePolicy FloatDTypePolicy Function Initializer Input InputSpec KerasTensor Layer Loss Metric Model
        Operation Optimizer Quantizer Regularizer RematScope Sequential StatelessScope SymbolicScope Variable
        activations applications backend callbacks config constraints datasets device distillation distribution
        dtype_policies export initializers layers legacy losses metrics mixed_precision models name_scope ops
        optimizers preprocessing quantizers random regularizers remat saving src tree utils version visualization
        wrappers
    """,
    "activations": """
        celu deserialize elu exponential gelu get glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
        leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu serialize sigmoid silu soft_shrink softmax
        softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold
    """,
    "applications": """
        ConvNeXtBase ConvNeXtLarge ConvNeXtSmall ConvNeXtTiny ConvNeXtXLarge DenseNet121 DenseNet169 DenseNet201
        EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4 EfficientNetB5 EfficientNetB6
        EfficientNetB7 EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2L
        EfficientNetV2M EfficientNetV2S InceptionResNetV2 InceptionV3 MobileNet MobileNetV2 MobileNetV3Large
        MobileNetV3Small NASNetLarge NASNetMobile ResNet101 ResNet101V2 ResNet152 ResNet152V2 ResNet50 ResNet50V2
        VGG16 VGG19 Xception convnext densenet efficientnet efficientnet_v2 imagenet_utils inception_resnet_v2
        inception_v3 mobilenet mobilenet_v2 mobilenet_v3 nasnet resnet resnet50 resnet_v2 vgg16 vgg19 xception
    """,
    "backend": """
        backend clear_session epsilon floatx get_uid image_data_format is_float_dtype is_int_dtype is_keras_tensor
        result_type set_epsilon set_floatx set_image_data_format standardize_dtype
    """,
    "callbacks": """
        BackupAndRestore CSVLogger Callback CallbackList EarlyStopping History LambdaCallback LearningRateScheduler
        ModelCheckpoint OrbaxCheckpoint ProgbarLogger ReduceLROnPlateau RemoteMonitor SwapEMAWeights TensorBoard
        TerminateOnNaN
    """,
    "config": """
        backend disable_flash_attention disable_interactive_logging disable_traceback_filtering dtype_policy
        enable_flash_attention enable_interactive_logging enable_traceback_filtering enable_unsafe_deserialization
        epsilon floatx image_data_format is_flash_attention_enabled is_interactive_logging_enabled is_nnx_enabled
        is_traceback_filtering_enabled max_epochs max_steps_per_epoch set_backend set_dtype_policy set_epsilon
        set_floatx set_image_data_format set_max_epochs set_max_steps_per_epoch
    """,
    "constraints": """
        Constraint MaxNorm MinMaxNorm NonNeg UnitNorm deserialize get max_norm min_max_norm non_neg serialize
        unit_norm
    """,
    "datasets": "boston_housing california_housing cifar10 cifar100 fashion_mnist imdb mnist reuters",
    "initializers": """
        Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer Initializer LecunNormal
        LecunUniform Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform STFT STFTInitializer
        TruncatedNormal VarianceScaling Zeros constant deserialize get glorot_normal glorot_uniform he_normal
        he_uniform identity lecun_normal lecun_uniform ones orthogonal random_normal random_uniform serialize stft
        truncated_normal variance_scaling zeros
    """,
    "layers": """
        Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
        AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention
        AugMix AutoContrast Average AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D
        BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate
        ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D
        Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D Convolution1DTranspose Convolution2D
        Convolution2DTranspose Convolution3D Convolution3DTranspose Cropping1D Cropping2D Cropping3D CutMix Dense
        DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Equalization Flatten
        FlaxLayer GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
        GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D
        GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization
        GroupQueryAttention HashedCrossing Hashing Identity Input InputLayer InputSpec IntegerLookup JaxLayer LSTM
        LSTMCell Lambda Layer LayerNormalization LeakyReLU Masking MaxNumBoundingBoxes MaxPool1D MaxPool2D MaxPool3D
        MaxPooling1D MaxPooling2D MaxPooling3D Maximum MelSpectrogram Minimum MixUp MultiHeadAttention Multiply
        Normalization PReLU Permute Pipeline RMSNormalization RNN RandAugment RandomBrightness
        RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing
        RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization
        RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom ReLU RepeatVector
        Rescaling Reshape Resizing ReversibleEmbedding STFTSpectrogram SeparableConv1D SeparableConv2D
        SeparableConvolution1D SeparableConvolution2D SimpleRNN SimpleRNNCell Softmax Solarization SpatialDropout1D
        SpatialDropout2D SpatialDropout3D SpectralNormalization StackedRNNCells StringLookup Subtract TFSMLayer
        TextVectorization TimeDistributed TorchModuleWrapper UnitNormalization UpSampling1D UpSampling2D
        UpSampling3D Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D add average concatenate deserialize dot
        maximum minimum multiply serialize subtract
    """,
    "losses": """
        BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy CategoricalFocalCrossentropy
        CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity Dice Hinge Huber KLDivergence
        LogCosh Loss MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError
        Poisson SparseCategoricalCrossentropy SquaredHinge Tversky binary_crossentropy binary_focal_crossentropy
        categorical_crossentropy categorical_focal_crossentropy categorical_generalized_cross_entropy
        categorical_hinge circle cosine_similarity ctc deserialize dice get hinge huber kl_divergence log_cosh
        mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error poisson
        serialize sparse_categorical_crossentropy squared_hinge tversky
    """,
    "metrics": """
        AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy
        CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives
        Hinge IoU KLDivergence LogCoshError Mean MeanAbsoluteError MeanAbsolutePercentageError MeanIoU
        MeanMetricWrapper MeanSquaredError MeanSquaredLogarithmicError Metric OneHotIoU OneHotMeanIoU
        PearsonCorrelation Poisson Precision PrecisionAtRecall R2Score Recall RecallAtPrecision RootMeanSquaredError
        SensitivityAtSpecificity SparseCategoricalAccuracy SparseCategoricalCrossentropy
        SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge Sum TopKCategoricalAccuracy
        TrueNegatives TruePositives binary_accuracy binary_crossentropy binary_focal_crossentropy
        categorical_accuracy categorical_crossentropy categorical_focal_crossentropy categorical_hinge
        concordance_correlation deserialize get hinge huber kl_divergence log_cosh mean_absolute_error
        mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error pearson_correlation poisson
        serialize sparse_categorical_accuracy sparse_categorical_crossentropy sparse_top_k_categorical_accuracy
        squared_hinge top_k_categorical_accuracy
    """,
    "models": "Model Sequential clone_model load_model model_from_json save_model",
    "optimizers": """
        Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer MultiOptimizer Muon Nadam
        Optimizer OptimizerMap RMSprop SGD ScheduleFreeAdamW deserialize get legacy schedules serialize
    """,
    "optimizers.schedules": """
        CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay LearningRateSchedule
        PiecewiseConstantDecay PolynomialDecay deserialize serialize
    """,
    "random": """
        SeedGenerator beta binomial categorical dropout gamma normal randint shuffle truncated_normal uniform
    """,
    "regularizers": """
        L1 L1L2 L2 OrthogonalRegularizer Regularizer deserialize get l1 l1_l2 l2 orthogonal_regularizer serialize
    """,
    "saving": """
        CustomObjectScope KerasFileEditor custom_object_scope deserialize_keras_object get_custom_objects
        get_registered_name get_registered_object load_model load_weights register_keras_serializable save_model
        save_weights serialize_keras_object
    """,
    "utils": """
        Config CustomObjectScope FeatureSpace Progbar PyDataset Sequence array_to_img audio_dataset_from_directory
        bounding_boxes clear_session custom_object_scope deserialize_keras_object disable_interactive_logging
        enable_interactive_logging get_custom_objects get_file get_registered_name get_registered_object
        get_source_inputs image_dataset_from_directory img_to_array is_interactive_logging_enabled is_keras_tensor
        legacy load_img model_to_dot normalize pack_x_y_sample_weight pad_sequences plot_model
        register_keras_serializable save_img serialize_keras_object set_random_seed split_dataset standardize_dtype
        text_dataset_from_directory timeseries_dataset_from_array to_categorical unpack_x_y_sample_weight
    """,
}

SIGNATURES: dict[str, str] = {
    # Name: its arguments with their defaults, in order. `**` at the end: it also takes those of its base class.
    "activations.celu": "x, alpha=1.0",
    "activations.elu": "x, alpha=1.0",
    "activations.exponential": "x",
    "activations.gelu": "x, approximate=False",
    "activations.get": "identifier",
    "activations.hard_shrink": "x, threshold=0.5",
    "activations.hard_sigmoid": "x",
    "activations.hard_silu": "x",
    "activations.hard_swish": "x",
    "activations.hard_tanh": "x",
    "activations.leaky_relu": "x, negative_slope=0.2",
    "activations.linear": "x",
    "activations.log_sigmoid": "x",
    "activations.mish": "x",
    "activations.relu": "x, negative_slope=0.0, max_value=None, threshold=0.0",
    "activations.relu6": "x",
    "activations.selu": "x",
    "activations.serialize": "activation",
    "activations.sigmoid": "x",
    "activations.silu": "x",
    "activations.soft_shrink": "x, threshold=0.5",
    "activations.softmax": "x, axis=-1",
    "activations.softplus": "x",
    "activations.softsign": "x",
    "activations.sparse_plus": "x",
    "activations.sparse_sigmoid": "x",
    "activations.squareplus": "x, b=4",
    "activations.swish": "x",
    "activations.tanh": "x",
    "activations.tanh_shrink": "x",
    "activations.threshold": "x, threshold, default_value",
    "backend.clear_session": "free_memory=True",
    "backend.epsilon": "",
    "backend.floatx": "",
    "backend.image_data_format": "",
    "backend.set_floatx": "value",
    "callbacks.BackupAndRestore": "backup_dir, save_freq='epoch', double_checkpoint=False, delete_checkpoint=True",
    "callbacks.CSVLogger": "filename, separator=',', append=False",
    "callbacks.Callback": "",
    "callbacks.CallbackList": "callbacks=None, add_history=False, add_progbar=False, model=None, **",
    "callbacks.EarlyStopping": """
        monitor='val_loss', min_delta=0, patience=0, verbose=0, mode='auto', baseline=None,
        restore_best_weights=False, start_from_epoch=0
    """,
    "callbacks.History": "",
    "callbacks.LambdaCallback": """
        on_epoch_begin=None, on_epoch_end=None, on_train_begin=None, on_train_end=None, on_train_batch_begin=None,
        on_train_batch_end=None, **
    """,
    "callbacks.LearningRateScheduler": "schedule, verbose=0",
    "callbacks.ModelCheckpoint": """
        filepath, monitor='val_loss', verbose=0, save_best_only=False, save_weights_only=False, mode='auto',
        save_freq='epoch', initial_value_threshold=None
    """,
    "callbacks.ReduceLROnPlateau": """
        monitor='val_loss', factor=0.1, patience=10, verbose=0, mode='auto', min_delta=0.0001, cooldown=0,
        min_lr=0.0, **
    """,
    "callbacks.TerminateOnNaN": "raise_error=False",
    "initializers.Constant": "value=0.0",
    "initializers.GlorotNormal": "seed=None, input_axes=None, output_axes=None",
    "initializers.GlorotUniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.HeNormal": "seed=None, input_axes=None, output_axes=None",
    "initializers.HeUniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.Initializer": "",
    "initializers.LecunNormal": "seed=None, input_axes=None, output_axes=None",
    "initializers.LecunUniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.Ones": "",
    "initializers.RandomNormal": "mean=0.0, stddev=0.05, seed=None",
    "initializers.RandomUniform": "minval=-0.05, maxval=0.05, seed=None",
    "initializers.TruncatedNormal": "mean=0.0, stddev=0.05, seed=None",
    "initializers.VarianceScaling": """
        scale=1.0, mode='fan_in', distribution='truncated_normal', seed=None, input_axes=None, output_axes=None
    """,
    "initializers.Zeros": "",
    "initializers.constant": "value=0.0",
    "initializers.get": "identifier",
    "initializers.glorot_normal": "seed=None, input_axes=None, output_axes=None",
    "initializers.glorot_uniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.he_normal": "seed=None, input_axes=None, output_axes=None",
    "initializers.he_uniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.lecun_normal": "seed=None, input_axes=None, output_axes=None",
    "initializers.lecun_uniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.ones": "",
    "initializers.random_normal": "mean=0.0, stddev=0.05, seed=None",
    "initializers.random_uniform": "minval=-0.05, maxval=0.05, seed=None",
    "initializers.serialize": "initializer",
    "initializers.truncated_normal": "mean=0.0, stddev=0.05, seed=None",
    "initializers.variance_scaling": """
        scale=1.0, mode='fan_in', distribution='truncated_normal', seed=None, input_axes=None, output_axes=None
    """,
    "initializers.zeros": "",
    "layers.Activation": "activation, **",
    "layers.Add": "**",
    "layers.Average": "**",
    "layers.AveragePooling2D": "pool_size, strides=None, padding='valid', data_format=None, name=None, **",
    "layers.AvgPool2D": "pool_size, strides=None, padding='valid', data_format=None, name=None, **",
    "layers.BatchNormalization": """
        axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, beta_initializer='zeros',
        gamma_initializer='ones', moving_mean_initializer='zeros', moving_variance_initializer='ones',
        beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None, renorm=False,
        renorm_clipping=None, renorm_momentum=0.99, synchronized=False, **
    """,
    "layers.Concatenate": "axis=-1, **",
    "layers.Conv2D": """
        filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1), groups=1,
        activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, **
    """,
    "layers.Conv2DTranspose": """
        filters, kernel_size, strides=(1, 1), padding='valid', output_padding=None, data_format=None,
        dilation_rate=(1, 1), activation=None, use_bias=True, kernel_initializer='glorot_uniform',
        bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, bias_constraint=None, **
    """,
    "layers.Convolution2D": """
        filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1), groups=1,
        activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, **
    """,
    "layers.Convolution2DTranspose": """
        filters, kernel_size, strides=(1, 1), padding='valid', output_padding=None, data_format=None,
        dilation_rate=(1, 1), activation=None, use_bias=True, kernel_initializer='glorot_uniform',
        bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, bias_constraint=None, **
    """,
    "layers.Cropping2D": "cropping=((0, 0), (0, 0)), data_format=None, **",
    "layers.Dense": """
        units, activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, lora_rank=None, lora_alpha=None, quantization_config=None, **
    """,
    "layers.DepthwiseConv2D": """
        kernel_size, strides=(1, 1), padding='valid', depth_multiplier=1, data_format=None, dilation_rate=(1, 1),
        activation=None, use_bias=True, depthwise_initializer='glorot_uniform', bias_initializer='zeros',
        depthwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None,
        bias_constraint=None, **
    """,
    "layers.Dropout": "rate, noise_shape=None, seed=None, **",
    "layers.ELU": "alpha=1.0, **",
    "layers.Flatten": "data_format=None, **",
    "layers.GlobalAveragePooling2D": "data_format=None, keepdims=False, **",
    "layers.GlobalAvgPool2D": "data_format=None, keepdims=False, **",
    "layers.GlobalMaxPool2D": "data_format=None, keepdims=False, **",
    "layers.GlobalMaxPooling2D": "data_format=None, keepdims=False, **",
    "layers.GroupNormalization": """
        groups=32, axis=-1, epsilon=0.001, center=True, scale=True, beta_initializer='zeros',
        gamma_initializer='ones', beta_regularizer=None, gamma_regularizer=None, beta_constraint=None,
        gamma_constraint=None, **
    """,
    "layers.Input": """
        shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, name=None, tensor=None,
        optional=False
    """,
    "layers.InputLayer": """
        shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, input_tensor=None,
        optional=False, name=None, **
    """,
    "layers.Lambda": "function, output_shape=None, mask=None, arguments=None, **",
    "layers.Layer": "*, activity_regularizer=None, trainable=True, dtype=None, autocast=True, name=None, **",
    "layers.LayerNormalization": """
        axis=-1, epsilon=0.001, center=True, scale=True, beta_initializer='zeros', gamma_initializer='ones',
        beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None, **
    """,
    "layers.LeakyReLU": "negative_slope=0.3, **",
    "layers.MaxPool2D": "pool_size=(2, 2), strides=None, padding='valid', data_format=None, name=None, **",
    "layers.MaxPooling2D": "pool_size=(2, 2), strides=None, padding='valid', data_format=None, name=None, **",
    "layers.Maximum": "**",
    "layers.Minimum": "**",
    "layers.Multiply": "**",
    "layers.PReLU": """
        alpha_initializer='Zeros', alpha_regularizer=None, alpha_constraint=None, shared_axes=None, **
    """,
    "layers.ReLU": "max_value=None, negative_slope=0.0, threshold=0.0, **",
    "layers.Rescaling": "scale, offset=0.0, **",
    "layers.Reshape": "target_shape, **",
    "layers.Resizing": """
        height, width, interpolation='bilinear', crop_to_aspect_ratio=False, pad_to_aspect_ratio=False,
        fill_mode='constant', fill_value=0.0, antialias=False, data_format=None, **
    """,
    "layers.SeparableConv2D": """
        filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1),
        depth_multiplier=1, activation=None, use_bias=True, depthwise_initializer='glorot_uniform',
        pointwise_initializer='glorot_uniform', bias_initializer='zeros', depthwise_regularizer=None,
        pointwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None,
        pointwise_constraint=None, bias_constraint=None, **
    """,
    "layers.SeparableConvolution2D": """
        filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1),
        depth_multiplier=1, activation=None, use_bias=True, depthwise_initializer='glorot_uniform',
        pointwise_initializer='glorot_uniform', bias_initializer='zeros', depthwise_regularizer=None,
        pointwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None,
        pointwise_constraint=None, bias_constraint=None, **
    """,
    "layers.Softmax": "axis=-1, **",
    "layers.SpatialDropout2D": "rate, data_format=None, seed=None, name=None, dtype=None",
    "layers.Subtract": "**",
    "layers.UpSampling2D": "size=(2, 2), data_format=None, interpolation='nearest', **",
    "layers.ZeroPadding2D": "padding=(1, 1), data_format=None, **",
    "layers.add": "inputs, **",
    "layers.average": "inputs, **",
    "layers.concatenate": "inputs, axis=-1, **",
    "layers.maximum": "inputs, **",
    "layers.minimum": "inputs, **",
    "layers.multiply": "inputs, **",
    "layers.subtract": "inputs, **",
    "losses.BinaryCrossentropy": """
        from_logits=False, label_smoothing=0.0, axis=-1, reduction='sum_over_batch_size',
        name='binary_crossentropy', dtype=None
    """,
    "losses.CategoricalCrossentropy": """
        from_logits=False, label_smoothing=0.0, axis=-1, reduction='sum_over_batch_size',
        name='categorical_crossentropy', dtype=None
    """,
    "losses.Dice": "reduction='sum_over_batch_size', name='dice', axis=None, dtype=None",
    "losses.Loss": "name=None, reduction='sum_over_batch_size', dtype=None",
    "losses.MeanAbsoluteError": "reduction='sum_over_batch_size', name='mean_absolute_error', dtype=None",
    "losses.MeanSquaredError": "reduction='sum_over_batch_size', name='mean_squared_error', dtype=None",
    "losses.SparseCategoricalCrossentropy": """
        from_logits=False, ignore_class=None, reduction='sum_over_batch_size', axis=-1,
        name='sparse_categorical_crossentropy', dtype=None
    """,
    "losses.binary_crossentropy": "y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1",
    "losses.categorical_crossentropy": "y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1",
    "losses.dice": "y_true, y_pred, axis=None",
    "losses.get": "identifier",
    "losses.mean_absolute_error": "y_true, y_pred",
    "losses.mean_squared_error": "y_true, y_pred",
    "losses.serialize": "loss",
    "losses.sparse_categorical_crossentropy": "y_true, y_pred, from_logits=False, ignore_class=None, axis=-1",
    "metrics.Accuracy": "name='accuracy', dtype=None",
    "metrics.BinaryAccuracy": "name='binary_accuracy', dtype=None, threshold=0.5",
    "metrics.CategoricalAccuracy": "name='categorical_accuracy', dtype=None",
    "metrics.Mean": "name='mean', dtype=None",
    "metrics.MeanAbsoluteError": "name='mean_absolute_error', dtype=None",
    "metrics.MeanIoU": """
        num_classes, name=None, dtype=None, ignore_class=None, sparse_y_true=True, sparse_y_pred=True, axis=-1
    """,
    "metrics.MeanSquaredError": "name='mean_squared_error', dtype=None",
    "metrics.Metric": "dtype=None, name=None",
    "metrics.SparseCategoricalAccuracy": "name='sparse_categorical_accuracy', dtype=None",
    "metrics.get": "identifier",
    "metrics.serialize": "metric",
    "models.Model": "**",
    "models.Sequential": "layers=None, trainable=True, name=None",
    "models.clone_model": """
        model, input_tensors=None, clone_function=None, call_function=None, recursive=False, **
    """,
    "models.load_model": "filepath, custom_objects=None, compile=True, safe_mode=True",
    "models.model_from_json": "json_string, custom_objects=None",
    "models.save_model": "model, filepath, overwrite=True, zipped=None, **",
    "optimizers.Adam": """
        learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False, weight_decay=None,
        clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99,
        ema_overwrite_frequency=None, loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
    "optimizers.AdamW": """
        learning_rate=0.001, weight_decay=0.004, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False,
        clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99,
        ema_overwrite_frequency=None, loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
    "optimizers.Optimizer": """
        learning_rate, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False,
        ema_momentum=0.99, ema_overwrite_frequency=None, loss_scale_factor=None, gradient_accumulation_steps=None,
        name=None, **
    """,
    "optimizers.RMSprop": """
        learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-07, centered=False, weight_decay=None, clipnorm=None,
        clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
    "optimizers.SGD": """
        learning_rate=0.01, momentum=0.0, nesterov=False, weight_decay=None, clipnorm=None, clipvalue=None,
        global_clipnorm=None, use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
    "optimizers.get": "identifier",
    "optimizers.serialize": "optimizer",
    "optimizers.schedules.CosineDecay": """
        initial_learning_rate, decay_steps, alpha=0.0, name='CosineDecay', warmup_target=None, warmup_steps=0
    """,
    "optimizers.schedules.CosineDecayRestarts": """
        initial_learning_rate, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0, name='SGDRDecay'
    """,
    "optimizers.schedules.ExponentialDecay": """
        initial_learning_rate, decay_steps, decay_rate, staircase=False, name='ExponentialDecay'
    """,
    "optimizers.schedules.InverseTimeDecay": """
        initial_learning_rate, decay_steps, decay_rate, staircase=False, name='InverseTimeDecay'
    """,
    "optimizers.schedules.LearningRateSchedule": "",
    "optimizers.schedules.PiecewiseConstantDecay": "boundaries, values, name='PiecewiseConstant'",
    "optimizers.schedules.PolynomialDecay": """
        initial_learning_rate, decay_steps, end_learning_rate=0.0001, power=1.0, cycle=False, name='PolynomialDecay'
    """,
    "optimizers.schedules.serialize": "learning_rate_schedule",
    "utils.clear_session": "free_memory=True",
    "utils.custom_object_scope": "custom_objects",
    "utils.get_custom_objects": "",
    "utils.plot_model": """
        model, to_file='model.png', show_shapes=False, show_dtype=False, show_layer_names=False, rankdir='TB',
        expand_nested=False, dpi=200, show_layer_activations=False, show_trainable=False, splines='ortho', **
    """,
    "utils.register_keras_serializable": "package='Custom', name=None",
    "utils.set_random_seed": "seed",
    "utils.to_categorical": "x, num_classes=None",
    "models.Model.compile": """
        optimizer='rmsprop', loss=None, loss_weights=None, metrics=None, weighted_metrics=None, run_eagerly=False,
        steps_per_execution=1, jit_compile='auto', auto_scale_loss=True
    """,
    "models.Model.evaluate": """
        x=None, y=None, batch_size=None, verbose='auto', sample_weight=None, steps=None, callbacks=None,
        return_dict=False, **
    """,
    "models.Model.fit": """
        x=None, y=None, batch_size=None, epochs=1, verbose='auto', callbacks=None, validation_split=0.0,
        validation_data=None, shuffle=True, class_weight=None, sample_weight=None, initial_epoch=0,
        steps_per_epoch=None, validation_steps=None, validation_batch_size=None, validation_freq=1
    """,
    "models.Model.get_layer": "name=None, index=None",
    "models.Model.load_weights": "filepath, skip_mismatch=False, **",
    "models.Model.predict": "x, batch_size=None, verbose='auto', steps=None, callbacks=None",
    "models.Model.predict_on_batch": "x",
    "models.Model.save": "filepath, overwrite=True, zipped=None, **",
    "models.Model.save_weights": "filepath, overwrite=True, max_shard_size=None",
    "models.Model.summary": """
        line_length=None, positions=None, print_fn=None, expand_nested=False, show_trainable=False, layer_range=None
    """,
    "models.Model.test_on_batch": "x, y=None, sample_weight=None, return_dict=False",
    "models.Model.train_on_batch": "x, y=None, sample_weight=None, class_weight=None, return_dict=False",
}
