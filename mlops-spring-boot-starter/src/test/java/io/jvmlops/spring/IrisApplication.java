package io.jvmlops.spring;

import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.serving.Serving;
import io.jvmlops.tracking.Tracking;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** An application as a user writes it. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class IrisApplication {
    @Bean
    @Lazy
    Predictor<Flower, Classification> iris(Serving serving) {
        return serving.predictor("iris@champion", Flower.class, Classification.class);
    }

    /** Starts it without a web server. */
    static ConfigurableApplicationContext start(Class<?> application, String... arguments) {
        return new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .run(arguments);
    }

    /** Starts, registers the model, asks it for one flower, and stops; for callers from another class loader. */
    public static String kindOfASetosa(String folder) {
        try (ConfigurableApplicationContext context =
                start(IrisApplication.class, "--mlops.tracking.folder=" + folder)) {
            Tracking tracking = context.getBean(Tracking.class);
            ModelVersion version = IrisModel.register(tracking);
            tracking.registry().setAlias("iris", "champion", version);
            Predictor<Flower, Classification> iris = predictor(context);
            return iris.predict(IrisModel.SETOSA).label();
        }
    }

    static Predictor<Flower, Classification> predictor(ConfigurableApplicationContext context) {
        return context.<Predictor<Flower, Classification>>getBeanProvider(
                        org.springframework.core.ResolvableType.forClassWithGenerics(
                                Predictor.class, Flower.class, Classification.class))
                .getObject();
    }
}
