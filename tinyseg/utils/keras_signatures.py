"""Keras's public names and arguments, in the scope of tinyseg. Made by `python -m tests.parity.keras_signatures tinyseg/utils/keras_signatures.py`."""

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
    "activations.deserialize": "config, custom_objects=None",
    "activations.elu": "x, alpha=1.0",
    "activations.exponential": "x",
    "activations.gelu": "x, approximate=False",
    "activations.get": "identifier",
    "activations.glu": "x, axis=-1",
    "activations.hard_shrink": "x, threshold=0.5",
    "activations.hard_sigmoid": "x",
    "activations.hard_silu": "x",
    "activations.hard_swish": "x",
    "activations.hard_tanh": "x",
    "activations.leaky_relu": "x, negative_slope=0.2",
    "activations.linear": "x",
    "activations.log_sigmoid": "x",
    "activations.log_softmax": "x, axis=-1",
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
    "activations.sparsemax": "x, axis=-1",
    "activations.squareplus": "x, b=4",
    "activations.swish": "x",
    "activations.tanh": "x",
    "activations.tanh_shrink": "x",
    "activations.threshold": "x, threshold, default_value",
    "applications.ConvNeXtBase": """
        include_top=True, include_preprocessing=True, weights='imagenet', input_tensor=None, input_shape=None,
        pooling=None, classes=1000, classifier_activation='softmax', name='convnext_base'
    """,
    "applications.ConvNeXtLarge": """
        include_top=True, include_preprocessing=True, weights='imagenet', input_tensor=None, input_shape=None,
        pooling=None, classes=1000, classifier_activation='softmax', name='convnext_large'
    """,
    "applications.ConvNeXtSmall": """
        include_top=True, include_preprocessing=True, weights='imagenet', input_tensor=None, input_shape=None,
        pooling=None, classes=1000, classifier_activation='softmax', name='convnext_small'
    """,
    "applications.ConvNeXtTiny": """
        include_top=True, include_preprocessing=True, weights='imagenet', input_tensor=None, input_shape=None,
        pooling=None, classes=1000, classifier_activation='softmax', name='convnext_tiny'
    """,
    "applications.ConvNeXtXLarge": """
        include_top=True, include_preprocessing=True, weights='imagenet', input_tensor=None, input_shape=None,
        pooling=None, classes=1000, classifier_activation='softmax', name='convnext_xlarge'
    """,
    "applications.DenseNet121": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='densenet121'
    """,
    "applications.DenseNet169": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='densenet169'
    """,
    "applications.DenseNet201": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='densenet201'
    """,
    "applications.EfficientNetB0": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='efficientnetb0'
    """,
    "applications.EfficientNetB1": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='efficientnetb1'
    """,
    "applications.EfficientNetB2": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='efficientnetb2'
    """,
    "applications.EfficientNetB3": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='efficientnetb3'
    """,
    "applications.EfficientNetB4": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='efficientnetb4'
    """,
    "applications.EfficientNetB5": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='efficientnetb5'
    """,
    "applications.EfficientNetB6": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='efficientnetb6'
    """,
    "applications.EfficientNetB7": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='efficientnetb7'
    """,
    "applications.EfficientNetV2B0": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', include_preprocessing=True, name='efficientnetv2-b0'
    """,
    "applications.EfficientNetV2B1": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', include_preprocessing=True, name='efficientnetv2-b1'
    """,
    "applications.EfficientNetV2B2": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', include_preprocessing=True, name='efficientnetv2-b2'
    """,
    "applications.EfficientNetV2B3": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', include_preprocessing=True, name='efficientnetv2-b3'
    """,
    "applications.EfficientNetV2L": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', include_preprocessing=True, name='efficientnetv2-l'
    """,
    "applications.EfficientNetV2M": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', include_preprocessing=True, name='efficientnetv2-m'
    """,
    "applications.EfficientNetV2S": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', include_preprocessing=True, name='efficientnetv2-s'
    """,
    "applications.InceptionResNetV2": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='inception_resnet_v2'
    """,
    "applications.InceptionV3": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='inception_v3'
    """,
    "applications.MobileNet": """
        input_shape=None, alpha=1.0, depth_multiplier=1, dropout=0.001, include_top=True, weights='imagenet',
        input_tensor=None, pooling=None, classes=1000, classifier_activation='softmax', name=None
    """,
    "applications.MobileNetV2": """
        input_shape=None, alpha=1.0, include_top=True, weights='imagenet', input_tensor=None, pooling=None,
        classes=1000, classifier_activation='softmax', name=None
    """,
    "applications.MobileNetV3Large": """
        input_shape=None, alpha=1.0, minimalistic=False, include_top=True, weights='imagenet', input_tensor=None,
        classes=1000, pooling=None, dropout_rate=0.2, classifier_activation='softmax', include_preprocessing=True,
        name='MobileNetV3Large'
    """,
    "applications.MobileNetV3Small": """
        input_shape=None, alpha=1.0, minimalistic=False, include_top=True, weights='imagenet', input_tensor=None,
        classes=1000, pooling=None, dropout_rate=0.2, classifier_activation='softmax', include_preprocessing=True,
        name='MobileNetV3Small'
    """,
    "applications.NASNetLarge": """
        input_shape=None, include_top=True, weights='imagenet', input_tensor=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='nasnet_large'
    """,
    "applications.NASNetMobile": """
        input_shape=None, include_top=True, weights='imagenet', input_tensor=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='nasnet_mobile'
    """,
    "applications.ResNet101": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='resnet101'
    """,
    "applications.ResNet101V2": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='resnet101v2'
    """,
    "applications.ResNet152": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='resnet152'
    """,
    "applications.ResNet152V2": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='resnet152v2'
    """,
    "applications.ResNet50": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='resnet50'
    """,
    "applications.ResNet50V2": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='resnet50v2'
    """,
    "applications.VGG16": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='vgg16'
    """,
    "applications.VGG19": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='vgg19'
    """,
    "applications.Xception": """
        include_top=True, weights='imagenet', input_tensor=None, input_shape=None, pooling=None, classes=1000,
        classifier_activation='softmax', name='xception'
    """,
    "backend.backend": "",
    "backend.clear_session": "free_memory=True",
    "backend.epsilon": "",
    "backend.floatx": "",
    "backend.get_uid": "prefix=''",
    "backend.image_data_format": "",
    "backend.is_float_dtype": "dtype",
    "backend.is_int_dtype": "dtype",
    "backend.is_keras_tensor": "x",
    "backend.result_type": "",
    "backend.set_epsilon": "value",
    "backend.set_floatx": "value",
    "backend.set_image_data_format": "data_format",
    "backend.standardize_dtype": "dtype",
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
    "callbacks.OrbaxCheckpoint": """
        directory, monitor='val_loss', verbose=0, save_best_only=False, mode='auto', save_freq='epoch',
        initial_value_threshold=None, max_to_keep=1, save_on_background=True, save_weights_only=False
    """,
    "callbacks.ProgbarLogger": "",
    "callbacks.ReduceLROnPlateau": """
        monitor='val_loss', factor=0.1, patience=10, verbose=0, mode='auto', min_delta=0.0001, cooldown=0,
        min_lr=0.0, **
    """,
    "callbacks.RemoteMonitor": """
        root='http://localhost:9000', path='/publish/epoch/end/', field='data', headers=None, send_as_json=False
    """,
    "callbacks.SwapEMAWeights": "swap_on_epoch=False",
    "callbacks.TensorBoard": """
        log_dir='logs', histogram_freq=0, write_graph=True, write_images=False, write_steps_per_second=False,
        update_freq='epoch', profile_batch=0, embeddings_freq=0, embeddings_metadata=None
    """,
    "callbacks.TerminateOnNaN": "raise_error=False",
    "config.backend": "",
    "config.disable_flash_attention": "",
    "config.disable_interactive_logging": "",
    "config.disable_traceback_filtering": "",
    "config.dtype_policy": "",
    "config.enable_flash_attention": "",
    "config.enable_interactive_logging": "",
    "config.enable_traceback_filtering": "",
    "config.enable_unsafe_deserialization": "",
    "config.epsilon": "",
    "config.floatx": "",
    "config.image_data_format": "",
    "config.is_flash_attention_enabled": "",
    "config.is_interactive_logging_enabled": "",
    "config.is_nnx_enabled": "",
    "config.is_traceback_filtering_enabled": "",
    "config.max_epochs": "",
    "config.max_steps_per_epoch": "",
    "config.set_backend": "backend",
    "config.set_dtype_policy": "policy",
    "config.set_epsilon": "value",
    "config.set_floatx": "value",
    "config.set_image_data_format": "data_format",
    "config.set_max_epochs": "max_epochs",
    "config.set_max_steps_per_epoch": "max_steps_per_epoch",
    "constraints.Constraint": "",
    "constraints.MaxNorm": "max_value=2, axis=0",
    "constraints.MinMaxNorm": "min_value=0.0, max_value=1.0, rate=1.0, axis=0",
    "constraints.NonNeg": "",
    "constraints.UnitNorm": "axis=0",
    "constraints.deserialize": "config, custom_objects=None",
    "constraints.get": "identifier",
    "constraints.max_norm": "max_value=2, axis=0",
    "constraints.min_max_norm": "min_value=0.0, max_value=1.0, rate=1.0, axis=0",
    "constraints.non_neg": "",
    "constraints.serialize": "constraint",
    "constraints.unit_norm": "axis=0",
    "initializers.Constant": "value=0.0",
    "initializers.GlorotNormal": "seed=None, input_axes=None, output_axes=None",
    "initializers.GlorotUniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.HeNormal": "seed=None, input_axes=None, output_axes=None",
    "initializers.HeUniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.Identity": "gain=1.0",
    "initializers.IdentityInitializer": "gain=1.0",
    "initializers.Initializer": "",
    "initializers.LecunNormal": "seed=None, input_axes=None, output_axes=None",
    "initializers.LecunUniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.Ones": "",
    "initializers.Orthogonal": "gain=1.0, seed=None",
    "initializers.OrthogonalInitializer": "gain=1.0, seed=None",
    "initializers.RandomNormal": "mean=0.0, stddev=0.05, seed=None",
    "initializers.RandomUniform": "minval=-0.05, maxval=0.05, seed=None",
    "initializers.STFT": "side='real', window='hann', scaling='density', periodic=False",
    "initializers.STFTInitializer": "side='real', window='hann', scaling='density', periodic=False",
    "initializers.TruncatedNormal": "mean=0.0, stddev=0.05, seed=None",
    "initializers.VarianceScaling": """
        scale=1.0, mode='fan_in', distribution='truncated_normal', seed=None, input_axes=None, output_axes=None
    """,
    "initializers.Zeros": "",
    "initializers.constant": "value=0.0",
    "initializers.deserialize": "config, custom_objects=None",
    "initializers.get": "identifier",
    "initializers.glorot_normal": "seed=None, input_axes=None, output_axes=None",
    "initializers.glorot_uniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.he_normal": "seed=None, input_axes=None, output_axes=None",
    "initializers.he_uniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.identity": "gain=1.0",
    "initializers.lecun_normal": "seed=None, input_axes=None, output_axes=None",
    "initializers.lecun_uniform": "seed=None, input_axes=None, output_axes=None",
    "initializers.ones": "",
    "initializers.orthogonal": "gain=1.0, seed=None",
    "initializers.random_normal": "mean=0.0, stddev=0.05, seed=None",
    "initializers.random_uniform": "minval=-0.05, maxval=0.05, seed=None",
    "initializers.serialize": "initializer",
    "initializers.stft": "side='real', window='hann', scaling='density', periodic=False",
    "initializers.truncated_normal": "mean=0.0, stddev=0.05, seed=None",
    "initializers.variance_scaling": """
        scale=1.0, mode='fan_in', distribution='truncated_normal', seed=None, input_axes=None, output_axes=None
    """,
    "initializers.zeros": "",
    "layers.Activation": "activation, **",
    "layers.ActivityRegularization": "l1=0.0, l2=0.0, **",
    "layers.AdaptiveAveragePooling1D": "output_size, data_format=None, **",
    "layers.AdaptiveAveragePooling2D": "output_size, data_format=None, **",
    "layers.AdaptiveAveragePooling3D": "output_size, data_format=None, **",
    "layers.AdaptiveMaxPooling1D": "output_size, data_format=None, **",
    "layers.AdaptiveMaxPooling2D": "output_size, data_format=None, **",
    "layers.AdaptiveMaxPooling3D": "output_size, data_format=None, **",
    "layers.Add": "**",
    "layers.AdditiveAttention": "use_scale=True, dropout=0.0, **",
    "layers.AlphaDropout": "rate, noise_shape=None, seed=None, **",
    "layers.Attention": "use_scale=False, score_mode='dot', dropout=0.0, seed=None, **",
    "layers.AugMix": """
        value_range=(0, 255), num_chains=3, chain_depth=3, factor=0.3, alpha=1.0, all_ops=True,
        interpolation='bilinear', seed=None, data_format=None, **
    """,
    "layers.AutoContrast": "value_range=(0, 255), **",
    "layers.Average": "**",
    "layers.AveragePooling1D": "pool_size, strides=None, padding='valid', data_format=None, name=None, **",
    "layers.AveragePooling2D": "pool_size, strides=None, padding='valid', data_format=None, name=None, **",
    "layers.AveragePooling3D": "pool_size, strides=None, padding='valid', data_format=None, name=None, **",
    "layers.AvgPool1D": "pool_size, strides=None, padding='valid', data_format=None, name=None, **",
    "layers.AvgPool2D": "pool_size, strides=None, padding='valid', data_format=None, name=None, **",
    "layers.AvgPool3D": "pool_size, strides=None, padding='valid', data_format=None, name=None, **",
    "layers.BatchNormalization": """
        axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, beta_initializer='zeros',
        gamma_initializer='ones', moving_mean_initializer='zeros', moving_variance_initializer='ones',
        beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None, renorm=False,
        renorm_clipping=None, renorm_momentum=0.99, synchronized=False, **
    """,
    "layers.Bidirectional": "layer, merge_mode='concat', weights=None, backward_layer=None, **",
    "layers.CategoryEncoding": "num_tokens=None, output_mode='multi_hot', sparse=False, **",
    "layers.CenterCrop": "height, width, data_format=None, **",
    "layers.Concatenate": "axis=-1, **",
    "layers.ContrastLimitedAdaptiveHistogramEqualization": """
        value_range=(0, 255), clip_limit=4.0, tile_grid_size=(8, 8), data_format=None, **
    """,
    "layers.Conv1D": """
        filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, groups=1,
        activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, **
    """,
    "layers.Conv1DTranspose": """
        filters, kernel_size, strides=1, padding='valid', output_padding=None, data_format=None, dilation_rate=1,
        activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, **
    """,
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
    "layers.Conv3D": """
        filters, kernel_size, strides=(1, 1, 1), padding='valid', data_format=None, dilation_rate=(1, 1, 1),
        groups=1, activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, **
    """,
    "layers.Conv3DTranspose": """
        filters, kernel_size, strides=(1, 1, 1), padding='valid', data_format=None, output_padding=None,
        dilation_rate=(1, 1, 1), activation=None, use_bias=True, kernel_initializer='glorot_uniform',
        bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, bias_constraint=None, **
    """,
    "layers.ConvLSTM1D": """
        filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, activation='tanh',
        recurrent_activation='sigmoid', use_bias=True, kernel_initializer='glorot_uniform',
        recurrent_initializer='orthogonal', bias_initializer='zeros', unit_forget_bias=True,
        kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0,
        seed=None, return_sequences=False, return_state=False, go_backwards=False, stateful=False, **
    """,
    "layers.ConvLSTM2D": """
        filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, activation='tanh',
        recurrent_activation='sigmoid', use_bias=True, kernel_initializer='glorot_uniform',
        recurrent_initializer='orthogonal', bias_initializer='zeros', unit_forget_bias=True,
        kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0,
        seed=None, return_sequences=False, return_state=False, go_backwards=False, stateful=False, **
    """,
    "layers.ConvLSTM3D": """
        filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, activation='tanh',
        recurrent_activation='sigmoid', use_bias=True, kernel_initializer='glorot_uniform',
        recurrent_initializer='orthogonal', bias_initializer='zeros', unit_forget_bias=True,
        kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0,
        seed=None, return_sequences=False, return_state=False, go_backwards=False, stateful=False, **
    """,
    "layers.Convolution1D": """
        filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, groups=1,
        activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, **
    """,
    "layers.Convolution1DTranspose": """
        filters, kernel_size, strides=1, padding='valid', output_padding=None, data_format=None, dilation_rate=1,
        activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, **
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
    "layers.Convolution3D": """
        filters, kernel_size, strides=(1, 1, 1), padding='valid', data_format=None, dilation_rate=(1, 1, 1),
        groups=1, activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, **
    """,
    "layers.Convolution3DTranspose": """
        filters, kernel_size, strides=(1, 1, 1), padding='valid', data_format=None, output_padding=None,
        dilation_rate=(1, 1, 1), activation=None, use_bias=True, kernel_initializer='glorot_uniform',
        bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, bias_constraint=None, **
    """,
    "layers.Cropping1D": "cropping=(1, 1), **",
    "layers.Cropping2D": "cropping=((0, 0), (0, 0)), data_format=None, **",
    "layers.Cropping3D": "cropping=((1, 1), (1, 1), (1, 1)), data_format=None, **",
    "layers.CutMix": "factor=1.0, seed=None, data_format=None, **",
    "layers.Dense": """
        units, activation=None, use_bias=True, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, lora_rank=None, lora_alpha=None, quantization_config=None, **
    """,
    "layers.DepthwiseConv1D": """
        kernel_size, strides=1, padding='valid', depth_multiplier=1, data_format=None, dilation_rate=1,
        activation=None, use_bias=True, depthwise_initializer='glorot_uniform', bias_initializer='zeros',
        depthwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None,
        bias_constraint=None, **
    """,
    "layers.DepthwiseConv2D": """
        kernel_size, strides=(1, 1), padding='valid', depth_multiplier=1, data_format=None, dilation_rate=(1, 1),
        activation=None, use_bias=True, depthwise_initializer='glorot_uniform', bias_initializer='zeros',
        depthwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None,
        bias_constraint=None, **
    """,
    "layers.Discretization": """
        bin_boundaries=None, num_bins=None, epsilon=0.01, output_mode='int', sparse=False, dtype=None, name=None
    """,
    "layers.Dot": "axes, normalize=False, **",
    "layers.Dropout": "rate, noise_shape=None, seed=None, **",
    "layers.ELU": "alpha=1.0, **",
    "layers.EinsumDense": """
        equation, output_shape, activation=None, bias_axes=None, kernel_initializer='glorot_uniform',
        bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, kernel_constraint=None,
        bias_constraint=None, lora_rank=None, lora_alpha=None, gptq_unpacked_column_size=None,
        quantization_config=None, **
    """,
    "layers.Embedding": """
        input_dim, output_dim, embeddings_initializer='uniform', embeddings_regularizer=None,
        embeddings_constraint=None, mask_zero=False, weights=None, lora_rank=None, lora_alpha=None,
        quantization_config=None, **
    """,
    "layers.Equalization": "value_range=(0, 255), bins=256, data_format=None, **",
    "layers.Flatten": "data_format=None, **",
    "layers.FlaxLayer": "module, method=None, variables=None, **",
    "layers.GRU": """
        units, activation='tanh', recurrent_activation='sigmoid', use_bias=True,
        kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros',
        kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None,
        kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0,
        seed=None, return_sequences=False, return_state=False, go_backwards=False, stateful=False, unroll=False,
        reset_after=True, use_cudnn='auto', **
    """,
    "layers.GRUCell": """
        units, activation='tanh', recurrent_activation='sigmoid', use_bias=True,
        kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros',
        kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None, kernel_constraint=None,
        recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, reset_after=True,
        seed=None, **
    """,
    "layers.GaussianDropout": "rate, seed=None, **",
    "layers.GaussianNoise": "stddev, seed=None, **",
    "layers.GlobalAveragePooling1D": "data_format=None, keepdims=False, **",
    "layers.GlobalAveragePooling2D": "data_format=None, keepdims=False, **",
    "layers.GlobalAveragePooling3D": "data_format=None, keepdims=False, **",
    "layers.GlobalAvgPool1D": "data_format=None, keepdims=False, **",
    "layers.GlobalAvgPool2D": "data_format=None, keepdims=False, **",
    "layers.GlobalAvgPool3D": "data_format=None, keepdims=False, **",
    "layers.GlobalMaxPool1D": "data_format=None, keepdims=False, **",
    "layers.GlobalMaxPool2D": "data_format=None, keepdims=False, **",
    "layers.GlobalMaxPool3D": "data_format=None, keepdims=False, **",
    "layers.GlobalMaxPooling1D": "data_format=None, keepdims=False, **",
    "layers.GlobalMaxPooling2D": "data_format=None, keepdims=False, **",
    "layers.GlobalMaxPooling3D": "data_format=None, keepdims=False, **",
    "layers.GroupNormalization": """
        groups=32, axis=-1, epsilon=0.001, center=True, scale=True, beta_initializer='zeros',
        gamma_initializer='ones', beta_regularizer=None, gamma_regularizer=None, beta_constraint=None,
        gamma_constraint=None, **
    """,
    "layers.GroupQueryAttention": """
        head_dim, num_query_heads, num_key_value_heads, dropout=0.0, use_bias=True, sliding_window=None,
        flash_attention=None, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, use_gate=False, seed=None, **
    """,
    "layers.HashedCrossing": "num_bins, output_mode='int', sparse=False, name=None, dtype=None, **",
    "layers.Hashing": "num_bins, mask_value=None, salt=None, output_mode='int', sparse=False, **",
    "layers.Identity": "**",
    "layers.Input": """
        shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, name=None, tensor=None,
        optional=False
    """,
    "layers.InputLayer": """
        shape=None, batch_size=None, dtype=None, sparse=None, ragged=None, batch_shape=None, input_tensor=None,
        optional=False, name=None, **
    """,
    "layers.InputSpec": """
        dtype=None, shape=None, ndim=None, max_ndim=None, min_ndim=None, axes=None, allow_last_axis_squeeze=False,
        name=None, optional=False
    """,
    "layers.IntegerLookup": """
        max_tokens=None, num_oov_indices=1, mask_token=None, oov_token=-1, vocabulary=None,
        vocabulary_dtype='int64', idf_weights=None, invert=False, output_mode='int', sparse=False,
        pad_to_max_tokens=False, oov_method='floormod', salt=None, name=None, **
    """,
    "layers.JaxLayer": """
        call_fn, init_fn=None, params=None, state=None, seed=None, native_serialization_platforms=None, **
    """,
    "layers.LSTM": """
        units, activation='tanh', recurrent_activation='sigmoid', use_bias=True,
        kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros',
        unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None,
        activity_regularizer=None, kernel_constraint=None, recurrent_constraint=None, bias_constraint=None,
        dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False,
        go_backwards=False, stateful=False, unroll=False, use_cudnn='auto', **
    """,
    "layers.LSTMCell": """
        units, activation='tanh', recurrent_activation='sigmoid', use_bias=True,
        kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', bias_initializer='zeros',
        unit_forget_bias=True, kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None,
        kernel_constraint=None, recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0,
        seed=None, **
    """,
    "layers.Lambda": "function, output_shape=None, mask=None, arguments=None, **",
    "layers.Layer": "*, activity_regularizer=None, trainable=True, dtype=None, autocast=True, name=None, **",
    "layers.LayerNormalization": """
        axis=-1, epsilon=0.001, center=True, scale=True, beta_initializer='zeros', gamma_initializer='ones',
        beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None, **
    """,
    "layers.LeakyReLU": "negative_slope=0.3, **",
    "layers.Masking": "mask_value=0.0, **",
    "layers.MaxNumBoundingBoxes": "max_number, fill_value=-1, **",
    "layers.MaxPool1D": "pool_size=2, strides=None, padding='valid', data_format=None, name=None, **",
    "layers.MaxPool2D": "pool_size=(2, 2), strides=None, padding='valid', data_format=None, name=None, **",
    "layers.MaxPool3D": "pool_size=(2, 2, 2), strides=None, padding='valid', data_format=None, name=None, **",
    "layers.MaxPooling1D": "pool_size=2, strides=None, padding='valid', data_format=None, name=None, **",
    "layers.MaxPooling2D": "pool_size=(2, 2), strides=None, padding='valid', data_format=None, name=None, **",
    "layers.MaxPooling3D": "pool_size=(2, 2, 2), strides=None, padding='valid', data_format=None, name=None, **",
    "layers.Maximum": "**",
    "layers.MelSpectrogram": """
        fft_length=2048, sequence_stride=512, sequence_length=None, window='hann', sampling_rate=16000,
        num_mel_bins=128, min_freq=20.0, max_freq=None, power_to_db=True, top_db=80.0, mag_exp=2.0, min_power=1e-10,
        ref_power=1.0, **
    """,
    "layers.Minimum": "**",
    "layers.MixUp": "alpha=0.2, data_format=None, seed=None, **",
    "layers.MultiHeadAttention": """
        num_heads, key_dim, value_dim=None, dropout=0.0, use_bias=True, output_shape=None, attention_axes=None,
        sliding_window=None, flash_attention=None, kernel_initializer='glorot_uniform', bias_initializer='zeros',
        kernel_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        bias_constraint=None, use_gate=False, seed=None, **
    """,
    "layers.Multiply": "**",
    "layers.Normalization": "axis=-1, mean=None, variance=None, invert=False, **",
    "layers.PReLU": """
        alpha_initializer='Zeros', alpha_regularizer=None, alpha_constraint=None, shared_axes=None, **
    """,
    "layers.Permute": "dims, **",
    "layers.Pipeline": "layers, name=None",
    "layers.RMSNormalization": "axis=-1, epsilon=1e-06, **",
    "layers.RNN": """
        cell, return_sequences=False, return_state=False, go_backwards=False, stateful=False, unroll=False,
        zero_output_for_mask=False, **
    """,
    "layers.RandAugment": """
        value_range=(0, 255), num_ops=2, factor=0.5, interpolation='bilinear', seed=None, data_format=None, **
    """,
    "layers.RandomBrightness": "factor, value_range=(0, 255), seed=None, **",
    "layers.RandomColorDegeneration": "factor, value_range=(0, 255), data_format=None, seed=None, **",
    "layers.RandomColorJitter": """
        value_range=(0, 255), brightness_factor=None, contrast_factor=None, saturation_factor=None, hue_factor=None,
        seed=None, data_format=None, **
    """,
    "layers.RandomContrast": "factor, value_range=(0, 255), seed=None, **",
    "layers.RandomCrop": "height, width, seed=None, data_format=None, name=None, **",
    "layers.RandomElasticTransform": """
        factor=1.0, scale=1.0, interpolation='bilinear', fill_mode='reflect', fill_value=0.0, value_range=(0, 255),
        seed=None, data_format=None, **
    """,
    "layers.RandomErasing": """
        factor=1.0, scale=(0.02, 0.33), fill_value=None, value_range=(0, 255), seed=None, data_format=None, **
    """,
    "layers.RandomFlip": "mode='horizontal_and_vertical', seed=None, data_format=None, **",
    "layers.RandomGaussianBlur": """
        factor=1.0, kernel_size=3, sigma=1.0, value_range=(0, 255), data_format=None, seed=None, **
    """,
    "layers.RandomGrayscale": "factor=0.5, data_format=None, seed=None, **",
    "layers.RandomHue": "factor, value_range=(0, 255), data_format=None, seed=None, **",
    "layers.RandomInvert": "factor=1.0, value_range=(0, 255), seed=None, data_format=None, **",
    "layers.RandomPerspective": """
        factor=1.0, scale=1.0, interpolation='bilinear', fill_value=0.0, seed=None, data_format=None, **
    """,
    "layers.RandomPosterization": "factor, value_range=(0, 255), data_format=None, seed=None, **",
    "layers.RandomRotation": """
        factor, fill_mode='reflect', interpolation='bilinear', seed=None, fill_value=0.0, data_format=None, **
    """,
    "layers.RandomSaturation": "factor, value_range=(0, 255), data_format=None, seed=None, **",
    "layers.RandomSharpness": "factor, value_range=(0, 255), data_format=None, seed=None, **",
    "layers.RandomShear": """
        x_factor=0.0, y_factor=0.0, interpolation='bilinear', fill_mode='reflect', fill_value=0.0, data_format=None,
        seed=None, **
    """,
    "layers.RandomTranslation": """
        height_factor, width_factor, fill_mode='reflect', interpolation='bilinear', seed=None, fill_value=0.0,
        data_format=None, **
    """,
    "layers.RandomZoom": """
        height_factor, width_factor=None, fill_mode='reflect', interpolation='bilinear', seed=None, fill_value=0.0,
        data_format=None, **
    """,
    "layers.ReLU": "max_value=None, negative_slope=0.0, threshold=0.0, **",
    "layers.RepeatVector": "n, **",
    "layers.Rescaling": "scale, offset=0.0, **",
    "layers.Reshape": "target_shape, **",
    "layers.Resizing": """
        height, width, interpolation='bilinear', crop_to_aspect_ratio=False, pad_to_aspect_ratio=False,
        fill_mode='constant', fill_value=0.0, antialias=False, data_format=None, **
    """,
    "layers.ReversibleEmbedding": """
        input_dim, output_dim, tie_weights=True, embeddings_initializer='uniform', embeddings_regularizer=None,
        embeddings_constraint=None, mask_zero=False, reverse_dtype=None, logit_soft_cap=None, **
    """,
    "layers.STFTSpectrogram": """
        mode='log', frame_length=256, frame_step=None, fft_length=None, window='hann', periodic=False,
        scaling='density', padding='valid', expand_dims=False, data_format=None, **
    """,
    "layers.SeparableConv1D": """
        filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, depth_multiplier=1,
        activation=None, use_bias=True, depthwise_initializer='glorot_uniform',
        pointwise_initializer='glorot_uniform', bias_initializer='zeros', depthwise_regularizer=None,
        pointwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None,
        pointwise_constraint=None, bias_constraint=None, **
    """,
    "layers.SeparableConv2D": """
        filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, dilation_rate=(1, 1),
        depth_multiplier=1, activation=None, use_bias=True, depthwise_initializer='glorot_uniform',
        pointwise_initializer='glorot_uniform', bias_initializer='zeros', depthwise_regularizer=None,
        pointwise_regularizer=None, bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None,
        pointwise_constraint=None, bias_constraint=None, **
    """,
    "layers.SeparableConvolution1D": """
        filters, kernel_size, strides=1, padding='valid', data_format=None, dilation_rate=1, depth_multiplier=1,
        activation=None, use_bias=True, depthwise_initializer='glorot_uniform',
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
    "layers.SimpleRNN": """
        units, activation='tanh', use_bias=True, kernel_initializer='glorot_uniform',
        recurrent_initializer='orthogonal', bias_initializer='zeros', kernel_regularizer=None,
        recurrent_regularizer=None, bias_regularizer=None, activity_regularizer=None, kernel_constraint=None,
        recurrent_constraint=None, bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, return_sequences=False,
        return_state=False, go_backwards=False, stateful=False, unroll=False, seed=None, **
    """,
    "layers.SimpleRNNCell": """
        units, activation='tanh', use_bias=True, kernel_initializer='glorot_uniform',
        recurrent_initializer='orthogonal', bias_initializer='zeros', kernel_regularizer=None,
        recurrent_regularizer=None, bias_regularizer=None, kernel_constraint=None, recurrent_constraint=None,
        bias_constraint=None, dropout=0.0, recurrent_dropout=0.0, seed=None, **
    """,
    "layers.Softmax": "axis=-1, **",
    "layers.Solarization": "addition_factor=0.0, threshold_factor=0.0, value_range=(0, 255), seed=None, **",
    "layers.SpatialDropout1D": "rate, seed=None, name=None, dtype=None",
    "layers.SpatialDropout2D": "rate, data_format=None, seed=None, name=None, dtype=None",
    "layers.SpatialDropout3D": "rate, data_format=None, seed=None, name=None, dtype=None",
    "layers.SpectralNormalization": "layer, power_iterations=1, **",
    "layers.StackedRNNCells": "cells, **",
    "layers.StringLookup": """
        max_tokens=None, num_oov_indices=1, mask_token=None, oov_token='[UNK]', vocabulary=None, idf_weights=None,
        invert=False, output_mode='int', pad_to_max_tokens=False, sparse=False, encoding='utf-8', name=None,
        salt=None, **
    """,
    "layers.Subtract": "**",
    "layers.TFSMLayer": """
        filepath, call_endpoint='serve', call_training_endpoint=None, trainable=True, name=None, dtype=None
    """,
    "layers.TextVectorization": """
        max_tokens=None, standardize='lower_and_strip_punctuation', split='whitespace', ngrams=None,
        output_mode='int', output_sequence_length=None, pad_to_max_tokens=False, vocabulary=None, idf_weights=None,
        sparse=False, ragged=False, encoding='utf-8', name=None, **
    """,
    "layers.TimeDistributed": "layer, **",
    "layers.TorchModuleWrapper": "module, name=None, output_shape=None, **",
    "layers.UnitNormalization": "axis=-1, **",
    "layers.UpSampling1D": "size=2, **",
    "layers.UpSampling2D": "size=(2, 2), data_format=None, interpolation='nearest', **",
    "layers.UpSampling3D": "size=(2, 2, 2), data_format=None, **",
    "layers.Wrapper": "layer, **",
    "layers.ZeroPadding1D": "padding=1, data_format=None, **",
    "layers.ZeroPadding2D": "padding=(1, 1), data_format=None, **",
    "layers.ZeroPadding3D": "padding=((1, 1), (1, 1), (1, 1)), data_format=None, **",
    "layers.add": "inputs, **",
    "layers.average": "inputs, **",
    "layers.concatenate": "inputs, axis=-1, **",
    "layers.deserialize": "config, custom_objects=None",
    "layers.dot": "inputs, axes=-1, **",
    "layers.maximum": "inputs, **",
    "layers.minimum": "inputs, **",
    "layers.multiply": "inputs, **",
    "layers.serialize": "layer",
    "layers.subtract": "inputs, **",
    "losses.BinaryCrossentropy": """
        from_logits=False, label_smoothing=0.0, axis=-1, reduction='sum_over_batch_size',
        name='binary_crossentropy', dtype=None
    """,
    "losses.BinaryFocalCrossentropy": """
        apply_class_balancing=False, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0, axis=-1,
        reduction='sum_over_batch_size', name='binary_focal_crossentropy', dtype=None
    """,
    "losses.CTC": "reduction='sum_over_batch_size', name='ctc', dtype=None",
    "losses.CategoricalCrossentropy": """
        from_logits=False, label_smoothing=0.0, axis=-1, reduction='sum_over_batch_size',
        name='categorical_crossentropy', dtype=None
    """,
    "losses.CategoricalFocalCrossentropy": """
        alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0, axis=-1, reduction='sum_over_batch_size',
        name='categorical_focal_crossentropy', dtype=None
    """,
    "losses.CategoricalGeneralizedCrossEntropy": """
        q=0.5, reduction='sum_over_batch_size', name='categorical_generalized_cross_entropy', dtype=None
    """,
    "losses.CategoricalHinge": "reduction='sum_over_batch_size', name='categorical_hinge', dtype=None",
    "losses.Circle": """
        gamma=80.0, margin=0.4, remove_diagonal=True, reduction='sum_over_batch_size', name='circle', dtype=None
    """,
    "losses.CosineSimilarity": "axis=-1, reduction='sum_over_batch_size', name='cosine_similarity', dtype=None",
    "losses.Dice": "reduction='sum_over_batch_size', name='dice', axis=None, dtype=None",
    "losses.Hinge": "reduction='sum_over_batch_size', name='hinge', dtype=None",
    "losses.Huber": "delta=1.0, reduction='sum_over_batch_size', name='huber_loss', dtype=None",
    "losses.KLDivergence": "reduction='sum_over_batch_size', name='kl_divergence', dtype=None",
    "losses.LogCosh": "reduction='sum_over_batch_size', name='log_cosh', dtype=None",
    "losses.Loss": "name=None, reduction='sum_over_batch_size', dtype=None",
    "losses.MeanAbsoluteError": "reduction='sum_over_batch_size', name='mean_absolute_error', dtype=None",
    "losses.MeanAbsolutePercentageError": """
        reduction='sum_over_batch_size', name='mean_absolute_percentage_error', dtype=None
    """,
    "losses.MeanSquaredError": "reduction='sum_over_batch_size', name='mean_squared_error', dtype=None",
    "losses.MeanSquaredLogarithmicError": """
        reduction='sum_over_batch_size', name='mean_squared_logarithmic_error', dtype=None
    """,
    "losses.Poisson": "reduction='sum_over_batch_size', name='poisson', dtype=None",
    "losses.SparseCategoricalCrossentropy": """
        from_logits=False, ignore_class=None, reduction='sum_over_batch_size', axis=-1,
        name='sparse_categorical_crossentropy', dtype=None
    """,
    "losses.SquaredHinge": "reduction='sum_over_batch_size', name='squared_hinge', dtype=None",
    "losses.Tversky": """
        alpha=0.5, beta=0.5, reduction='sum_over_batch_size', name='tversky', axis=None, dtype=None
    """,
    "losses.binary_crossentropy": "y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1",
    "losses.binary_focal_crossentropy": """
        y_true, y_pred, apply_class_balancing=False, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0,
        axis=-1
    """,
    "losses.categorical_crossentropy": "y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1",
    "losses.categorical_focal_crossentropy": """
        y_true, y_pred, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0, axis=-1
    """,
    "losses.categorical_generalized_cross_entropy": "y_true, y_pred, q",
    "losses.categorical_hinge": "y_true, y_pred",
    "losses.circle": """
        y_true, y_pred, ref_labels=None, ref_embeddings=None, remove_diagonal=True, gamma=80, margin=0.4
    """,
    "losses.cosine_similarity": "y_true, y_pred, axis=-1",
    "losses.ctc": "y_true, y_pred",
    "losses.deserialize": "name, custom_objects=None",
    "losses.dice": "y_true, y_pred, axis=None",
    "losses.get": "identifier",
    "losses.hinge": "y_true, y_pred",
    "losses.huber": "y_true, y_pred, delta=1.0",
    "losses.kl_divergence": "y_true, y_pred",
    "losses.log_cosh": "y_true, y_pred",
    "losses.mean_absolute_error": "y_true, y_pred",
    "losses.mean_absolute_percentage_error": "y_true, y_pred",
    "losses.mean_squared_error": "y_true, y_pred",
    "losses.mean_squared_logarithmic_error": "y_true, y_pred",
    "losses.poisson": "y_true, y_pred",
    "losses.serialize": "loss",
    "losses.sparse_categorical_crossentropy": "y_true, y_pred, from_logits=False, ignore_class=None, axis=-1",
    "losses.squared_hinge": "y_true, y_pred",
    "losses.tversky": "y_true, y_pred, alpha=0.5, beta=0.5, axis=None",
    "metrics.AUC": """
        num_thresholds=200, curve='ROC', summation_method='interpolation', name=None, dtype=None, thresholds=None,
        multi_label=False, num_labels=None, label_weights=None, from_logits=False
    """,
    "metrics.Accuracy": "name='accuracy', dtype=None",
    "metrics.BinaryAccuracy": "name='binary_accuracy', dtype=None, threshold=0.5",
    "metrics.BinaryCrossentropy": "name='binary_crossentropy', dtype=None, from_logits=False, label_smoothing=0",
    "metrics.BinaryIoU": "target_class_ids=(0, 1), threshold=0.5, name=None, dtype=None",
    "metrics.CategoricalAccuracy": "name='categorical_accuracy', dtype=None",
    "metrics.CategoricalCrossentropy": """
        name='categorical_crossentropy', dtype=None, from_logits=False, label_smoothing=0, axis=-1
    """,
    "metrics.CategoricalHinge": "name='categorical_hinge', dtype=None",
    "metrics.ConcordanceCorrelation": "name='concordance_correlation', dtype=None, axis=-1",
    "metrics.CosineSimilarity": "name='cosine_similarity', dtype=None, axis=-1",
    "metrics.F1Score": "average=None, threshold=None, name='f1_score', dtype=None",
    "metrics.FBetaScore": "average=None, beta=1.0, threshold=None, name='fbeta_score', dtype=None",
    "metrics.FalseNegatives": "thresholds=None, name=None, dtype=None",
    "metrics.FalsePositives": "thresholds=None, name=None, dtype=None",
    "metrics.Hinge": "name='hinge', dtype=None",
    "metrics.IoU": """
        num_classes, target_class_ids, name=None, dtype=None, ignore_class=None, sparse_y_true=True,
        sparse_y_pred=True, axis=-1
    """,
    "metrics.KLDivergence": "name='kl_divergence', dtype=None",
    "metrics.LogCoshError": "name='logcosh', dtype=None",
    "metrics.Mean": "name='mean', dtype=None",
    "metrics.MeanAbsoluteError": "name='mean_absolute_error', dtype=None",
    "metrics.MeanAbsolutePercentageError": "name='mean_absolute_percentage_error', dtype=None",
    "metrics.MeanIoU": """
        num_classes, name=None, dtype=None, ignore_class=None, sparse_y_true=True, sparse_y_pred=True, axis=-1
    """,
    "metrics.MeanMetricWrapper": "fn, name=None, dtype=None, **",
    "metrics.MeanSquaredError": "name='mean_squared_error', dtype=None",
    "metrics.MeanSquaredLogarithmicError": "name='mean_squared_logarithmic_error', dtype=None",
    "metrics.Metric": "dtype=None, name=None",
    "metrics.OneHotIoU": """
        num_classes, target_class_ids, name=None, dtype=None, ignore_class=None, sparse_y_pred=False, axis=-1
    """,
    "metrics.OneHotMeanIoU": "num_classes, name=None, dtype=None, ignore_class=None, sparse_y_pred=False, axis=-1",
    "metrics.PearsonCorrelation": "name='pearson_correlation', dtype=None, axis=-1",
    "metrics.Poisson": "name='poisson', dtype=None",
    "metrics.Precision": "thresholds=None, top_k=None, class_id=None, name=None, dtype=None",
    "metrics.PrecisionAtRecall": "recall, num_thresholds=200, class_id=None, name=None, dtype=None",
    "metrics.R2Score": "class_aggregation='uniform_average', num_regressors=0, name='r2_score', dtype=None",
    "metrics.Recall": "thresholds=None, top_k=None, class_id=None, name=None, dtype=None",
    "metrics.RecallAtPrecision": "precision, num_thresholds=200, class_id=None, name=None, dtype=None",
    "metrics.RootMeanSquaredError": "name='root_mean_squared_error', dtype=None",
    "metrics.SensitivityAtSpecificity": "specificity, num_thresholds=200, class_id=None, name=None, dtype=None",
    "metrics.SparseCategoricalAccuracy": "name='sparse_categorical_accuracy', dtype=None",
    "metrics.SparseCategoricalCrossentropy": """
        name='sparse_categorical_crossentropy', dtype=None, from_logits=False, ignore_class=None, axis=-1
    """,
    "metrics.SparseTopKCategoricalAccuracy": """
        k=5, name='sparse_top_k_categorical_accuracy', dtype=None, from_sorted_ids=False
    """,
    "metrics.SpecificityAtSensitivity": "sensitivity, num_thresholds=200, class_id=None, name=None, dtype=None",
    "metrics.SquaredHinge": "name='squared_hinge', dtype=None",
    "metrics.Sum": "name='sum', dtype=None",
    "metrics.TopKCategoricalAccuracy": "k=5, name='top_k_categorical_accuracy', dtype=None",
    "metrics.TrueNegatives": "thresholds=None, name=None, dtype=None",
    "metrics.TruePositives": "thresholds=None, name=None, dtype=None",
    "metrics.binary_accuracy": "y_true, y_pred, threshold=0.5",
    "metrics.binary_crossentropy": "y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1",
    "metrics.binary_focal_crossentropy": """
        y_true, y_pred, apply_class_balancing=False, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0,
        axis=-1
    """,
    "metrics.categorical_accuracy": "y_true, y_pred",
    "metrics.categorical_crossentropy": "y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1",
    "metrics.categorical_focal_crossentropy": """
        y_true, y_pred, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0, axis=-1
    """,
    "metrics.categorical_hinge": "y_true, y_pred",
    "metrics.concordance_correlation": "y_true, y_pred, axis=-1",
    "metrics.deserialize": "config, custom_objects=None",
    "metrics.get": "identifier",
    "metrics.hinge": "y_true, y_pred",
    "metrics.huber": "y_true, y_pred, delta=1.0",
    "metrics.kl_divergence": "y_true, y_pred",
    "metrics.log_cosh": "y_true, y_pred",
    "metrics.mean_absolute_error": "y_true, y_pred",
    "metrics.mean_absolute_percentage_error": "y_true, y_pred",
    "metrics.mean_squared_error": "y_true, y_pred",
    "metrics.mean_squared_logarithmic_error": "y_true, y_pred",
    "metrics.pearson_correlation": "y_true, y_pred, axis=-1",
    "metrics.poisson": "y_true, y_pred",
    "metrics.serialize": "metric",
    "metrics.sparse_categorical_accuracy": "y_true, y_pred",
    "metrics.sparse_categorical_crossentropy": "y_true, y_pred, from_logits=False, ignore_class=None, axis=-1",
    "metrics.sparse_top_k_categorical_accuracy": "y_true, y_pred, k=5, from_sorted_ids=False",
    "metrics.squared_hinge": "y_true, y_pred",
    "metrics.top_k_categorical_accuracy": "y_true, y_pred, k=5",
    "models.Model": "**",
    "models.Sequential": "layers=None, trainable=True, name=None",
    "models.clone_model": """
        model, input_tensors=None, clone_function=None, call_function=None, recursive=False, **
    """,
    "models.load_model": "filepath, custom_objects=None, compile=True, safe_mode=True",
    "models.model_from_json": "json_string, custom_objects=None",
    "models.save_model": "model, filepath, overwrite=True, zipped=None, **",
    "optimizers.Adadelta": """
        learning_rate=0.001, rho=0.95, epsilon=1e-07, weight_decay=None, clipnorm=None, clipvalue=None,
        global_clipnorm=None, use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
    "optimizers.Adafactor": """
        learning_rate=0.001, beta_2_decay=-0.8, epsilon_1=1e-30, epsilon_2=0.001, clip_threshold=1.0,
        relative_step=True, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False,
        ema_momentum=0.99, ema_overwrite_frequency=None, loss_scale_factor=None, gradient_accumulation_steps=None,
        name=None, **
    """,
    "optimizers.Adagrad": """
        learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-07, weight_decay=None, clipnorm=None,
        clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
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
    "optimizers.Adamax": """
        learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, weight_decay=None, clipnorm=None,
        clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
    "optimizers.Ftrl": """
        learning_rate=0.001, learning_rate_power=-0.5, initial_accumulator_value=0.1,
        l1_regularization_strength=0.0, l2_regularization_strength=0.0, l2_shrinkage_regularization_strength=0.0,
        beta=0.0, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False,
        ema_momentum=0.99, ema_overwrite_frequency=None, loss_scale_factor=None, gradient_accumulation_steps=None,
        name=None, **
    """,
    "optimizers.Lamb": """
        learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, weight_decay=None, clipnorm=None,
        clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
    "optimizers.Lion": """
        learning_rate=0.001, beta_1=0.9, beta_2=0.99, weight_decay=None, clipnorm=None, clipvalue=None,
        global_clipnorm=None, use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
    "optimizers.LossScaleOptimizer": """
        inner_optimizer, initial_scale=32768.0, dynamic_growth_steps=2000, name=None, **
    """,
    "optimizers.MultiOptimizer": "optimizer_map, loss_scale_factor=None, name=None",
    "optimizers.Muon": """
        learning_rate=0.001, adam_beta_1=0.9, adam_beta_2=0.999, adam_weight_decay=0.004, epsilon=1e-07,
        weight_decay=0.004, clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99,
        ema_overwrite_frequency=None, loss_scale_factor=None, gradient_accumulation_steps=None, name=None,
        exclude_layers=None, exclude_embeddings=True, muon_a=3.4445, muon_b=-4.775, muon_c=2.0315, adam_lr_ratio=1,
        momentum=0.95, ns_steps=5, nesterov=True, rms_rate=0.2, **
    """,
    "optimizers.Nadam": """
        learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, weight_decay=None, clipnorm=None,
        clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99, ema_overwrite_frequency=None,
        loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
    "optimizers.Optimizer": """
        learning_rate, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False,
        ema_momentum=0.99, ema_overwrite_frequency=None, loss_scale_factor=None, gradient_accumulation_steps=None,
        name=None, **
    """,
    "optimizers.OptimizerMap": "default_optimizer, optimizer_map=None",
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
    "optimizers.ScheduleFreeAdamW": """
        learning_rate=0.0025, beta_1=0.9, beta_2=0.999, epsilon=1e-08, warmup_steps=0, weight_decay=None,
        clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99,
        ema_overwrite_frequency=None, loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **
    """,
    "optimizers.deserialize": "config, custom_objects=None",
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
    "optimizers.schedules.deserialize": "config, custom_objects=None",
    "optimizers.schedules.serialize": "learning_rate_schedule",
    "random.SeedGenerator": "seed=None, name=None, **",
    "random.beta": "shape, alpha, beta, dtype=None, seed=None",
    "random.binomial": "shape, counts, probabilities, dtype=None, seed=None",
    "random.categorical": "logits, num_samples, dtype='int32', seed=None",
    "random.dropout": "inputs, rate, noise_shape=None, seed=None",
    "random.gamma": "shape, alpha, dtype=None, seed=None",
    "random.normal": "shape, mean=0.0, stddev=1.0, dtype=None, seed=None",
    "random.randint": "shape, minval, maxval, dtype='int32', seed=None",
    "random.shuffle": "x, axis=0, seed=None",
    "random.truncated_normal": "shape, mean=0.0, stddev=1.0, dtype=None, seed=None",
    "random.uniform": "shape, minval=0.0, maxval=1.0, dtype=None, seed=None",
    "regularizers.L1": "l1=0.01",
    "regularizers.L1L2": "l1=0.0, l2=0.0",
    "regularizers.L2": "l2=0.01",
    "regularizers.OrthogonalRegularizer": "factor=0.01, mode='rows'",
    "regularizers.Regularizer": "",
    "regularizers.deserialize": "config, custom_objects=None",
    "regularizers.get": "identifier",
    "regularizers.l1": "l1=0.01",
    "regularizers.l1_l2": "l1=0.0, l2=0.0",
    "regularizers.l2": "l2=0.01",
    "regularizers.orthogonal_regularizer": "factor=0.01, mode='rows'",
    "regularizers.serialize": "regularizer",
    "saving.CustomObjectScope": "custom_objects",
    "saving.KerasFileEditor": "filepath",
    "saving.custom_object_scope": "custom_objects",
    "saving.deserialize_keras_object": "config, custom_objects=None, safe_mode=True, **",
    "saving.get_custom_objects": "",
    "saving.get_registered_name": "obj",
    "saving.get_registered_object": "name, custom_objects=None, module_objects=None",
    "saving.load_model": "filepath, custom_objects=None, compile=True, safe_mode=True",
    "saving.load_weights": "model, filepath, skip_mismatch=False, **",
    "saving.register_keras_serializable": "package='Custom', name=None",
    "saving.save_model": "model, filepath, overwrite=True, zipped=None, **",
    "saving.save_weights": "model, filepath, overwrite=True, max_shard_size=None, **",
    "saving.serialize_keras_object": "obj",
    "utils.Config": "**",
    "utils.CustomObjectScope": "custom_objects",
    "utils.FeatureSpace": """
        features, output_mode='concat', crosses=None, crossing_dim=32, hashing_dim=32, num_discretization_bins=32,
        name=None
    """,
    "utils.Progbar": """
        target, width=20, verbose=1, interval=0.05, stateful_metrics=None, stateless_metrics=None, unit_name='step'
    """,
    "utils.PyDataset": "workers=1, use_multiprocessing=False, max_queue_size=10",
    "utils.Sequence": "workers=1, use_multiprocessing=False, max_queue_size=10",
    "utils.array_to_img": "x, data_format=None, scale=True, dtype=None",
    "utils.audio_dataset_from_directory": """
        directory, labels='inferred', label_mode='int', class_names=None, batch_size=32, sampling_rate=None,
        output_sequence_length=None, ragged=False, shuffle=True, seed=None, validation_split=None, subset=None,
        follow_links=False, verbose=True
    """,
    "utils.clear_session": "free_memory=True",
    "utils.custom_object_scope": "custom_objects",
    "utils.deserialize_keras_object": "config, custom_objects=None, safe_mode=True, **",
    "utils.disable_interactive_logging": "",
    "utils.enable_interactive_logging": "",
    "utils.get_custom_objects": "",
    "utils.get_file": """
        fname=None, origin=None, untar=False, md5_hash=None, file_hash=None, cache_subdir='datasets',
        hash_algorithm='auto', extract=False, archive_format='auto', cache_dir=None, force_download=False
    """,
    "utils.get_registered_name": "obj",
    "utils.get_registered_object": "name, custom_objects=None, module_objects=None",
    "utils.get_source_inputs": "tensor",
    "utils.image_dataset_from_directory": """
        directory, labels='inferred', label_mode='int', class_names=None, color_mode='rgb', batch_size=32,
        image_size=(256, 256), shuffle=True, seed=None, validation_split=None, subset=None,
        interpolation='bilinear', follow_links=False, crop_to_aspect_ratio=False, pad_to_aspect_ratio=False,
        data_format=None, format='tf', verbose=True
    """,
    "utils.img_to_array": "img, data_format=None, dtype=None",
    "utils.is_interactive_logging_enabled": "",
    "utils.is_keras_tensor": "x",
    "utils.load_img": "path, color_mode='rgb', target_size=None, interpolation='nearest', keep_aspect_ratio=False",
    "utils.model_to_dot": """
        model, show_shapes=False, show_dtype=False, show_layer_names=True, rankdir='TB', expand_nested=False,
        dpi=200, subgraph=False, show_layer_activations=False, show_trainable=False, splines='ortho', **
    """,
    "utils.normalize": "x, axis=-1, order=2",
    "utils.pack_x_y_sample_weight": "x, y=None, sample_weight=None",
    "utils.pad_sequences": "sequences, maxlen=None, dtype='int32', padding='pre', truncating='pre', value=0.0",
    "utils.plot_model": """
        model, to_file='model.png', show_shapes=False, show_dtype=False, show_layer_names=False, rankdir='TB',
        expand_nested=False, dpi=200, show_layer_activations=False, show_trainable=False, splines='ortho', **
    """,
    "utils.register_keras_serializable": "package='Custom', name=None",
    "utils.save_img": "path, x, data_format=None, file_format=None, scale=True, **",
    "utils.serialize_keras_object": "obj",
    "utils.set_random_seed": "seed",
    "utils.split_dataset": """
        dataset, left_size=None, right_size=None, shuffle=False, seed=None, preferred_backend=None
    """,
    "utils.standardize_dtype": "dtype",
    "utils.text_dataset_from_directory": """
        directory, labels='inferred', label_mode='int', class_names=None, batch_size=32, max_length=None,
        shuffle=True, seed=None, validation_split=None, subset=None, follow_links=False, format='tf', verbose=True
    """,
    "utils.timeseries_dataset_from_array": """
        data, targets, sequence_length, sequence_stride=1, sampling_rate=1, batch_size=128, shuffle=False,
        seed=None, start_index=None, end_index=None, format='tf'
    """,
    "utils.to_categorical": "x, num_classes=None",
    "utils.unpack_x_y_sample_weight": "data",
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
