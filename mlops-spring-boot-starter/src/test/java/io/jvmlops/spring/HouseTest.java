package io.jvmlops.spring;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.jvmlops.api.error.MlopsException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Clock;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadFactory;
import java.util.stream.BaseStream;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rules of the house, over every module: each holds, and each is broken by the offenders that the tests keep. */
class HouseTest {
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages("io.jvmlops");

    /** Classes of the tests that break every rule. */
    private static final JavaClasses OFFENDERS = new ClassFileImporter()
            .withImportOption(location -> location.contains("/test-classes/"))
            .importPackages("io.jvmlops.api.offence", "io.jvmlops.serving.offence", "io.jvmlops.tracking.offence");

    private static final List<String> MODULES = List.of("api", "monitoring", "serving", "spring", "test", "tracking");

    private static final Map<String, ArchRule> RULES = rules();

    private static Map<String, ArchRule> rules() {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        for (String module : List.of("api", "monitoring", "serving", "test", "tracking")) {
            rules.put(module + " depends on the api only", dependsOnTheApiOnly(module));
        }
        rules.put(
                "modules have no cycles",
                slices().matching("io.jvmlops.(*)..").should().beFreeOfCycles());
        rules.put(
                "packages have no cycles",
                slices().matching("io.jvmlops.(**)").should().beFreeOfCycles());
        rules.put("internals stay inside", noClasses().should(useInternalsOfAnotherModule()));
        rules.put(
                "Spring is in the starter only",
                noClasses()
                        .that(resideOutsideOfPackage("io.jvmlops.spring.."))
                        .should(dependOnClassesThat(resideInAPackage("org.springframework.."))));

        rules.put("time is injected", noClasses().should().accessTargetWhere(readsTheTime()));
        rules.put(
                "nothing is serialised by Java",
                noClasses()
                        .should(dependOnClassesThat(
                                assignableTo(ObjectInputStream.class).or(assignableTo(ObjectOutputStream.class)))));
        rules.put("nothing runs on the common pool", noClasses().should().accessTargetWhere(usesTheCommonPool()));
        rules.put(
                "threads have names",
                noClasses().that(areNoTests()).should().accessTargetWhere(makesNamelessThreads()));
        rules.put("nothing ends the process", noClasses().should().accessTargetWhere(endsTheProcess()));
        rules.put("nothing is printed", noClasses().should().accessTargetWhere(prints()));

        rules.put("ONNX Runtime stays in onnx", adapterStaysIn("ai.onnxruntime..", "..onnx.."));
        rules.put("Tribuo stays in tribuo", adapterStaysIn("org.tribuo..", "..tribuo.."));
        rules.put(
                "JDBC stays in tracking's stores",
                adapterStaysIn(
                        "java.sql..",
                        "io.jvmlops.tracking.internal.sql",
                        "io.jvmlops.tracking.postgres",
                        "io.jvmlops.tracking.sqlite"));
        rules.put("SQLite stays in tracking.sqlite", adapterStaysIn("org.sqlite..", "io.jvmlops.tracking.sqlite"));
        rules.put(
                "Micrometer stays in micrometer",
                noClasses()
                        .that(resideOutsideOfPackage("..micrometer..").and(resideOutsideOfPackage("io.jvmlops.spring")))
                        .should(dependOnClassesThat(resideInAPackage("io.micrometer.."))));
        rules.put(
                "signatures name only us, the JDK and, in an adapter's package, the adapter",
                classes().that(arePublicApi()).should(nameOnlyKnownTypes()));

        rules.put(
                "implementations are named by their technology",
                noClasses().should().haveSimpleNameEndingWith("Impl"));
        rules.put("accessors have no get", methods().that(arePublicAccessors()).should(notBeNamedGet()));
        rules.put("an Optional is a return value", noClasses().should(new ArchCondition<>("take or keep an Optional") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                takesOrKeepsAnOptional(item).forEach(where -> events.add(SimpleConditionEvent.satisfied(item, where)));
            }
        }));
        rules.put(
                "exceptions are ours",
                classes()
                        .that(assignableTo(Throwable.class)
                                .and(describe(
                                        "are public", c -> c.getModifiers().contains(JavaModifier.PUBLIC))))
                        .should()
                        .beAssignableTo(MlopsException.class));
        rules.put("what is thrown says what it is", noClasses().should().accessTargetWhere(makesAnExceptionOfNoKind()));
        rules.put(
                "signatures throw what Java makes them",
                classes().that(arePublicApi().and(areNoTests())).should(declareFewExceptions()));
        rules.put(
                "there is no global state",
                fields().that()
                        .areStatic()
                        .and(describe(
                                "are not synthetic", f -> !f.getModifiers().contains(JavaModifier.SYNTHETIC)))
                        .should()
                        .beFinal());
        rules.put("packages are null-marked", classes().should(new ArchCondition<>("be in a null-marked package") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                boolean marked = item.getPackage().isAnnotatedWith(NullMarked.class);
                events.add(new SimpleConditionEvent(item, marked, item.getPackageName() + " of " + item.getName()));
            }
        }));
        return rules;
    }

    private static ArchRule dependsOnTheApiOnly(String module) {
        return classes()
                .that()
                .resideInAPackage("io.jvmlops." + module + "..")
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage("io.jvmlops..")
                        .or(resideInAnyPackage("io.jvmlops.api..", "io.jvmlops." + module + "..")));
    }

    private static ArchRule adapterStaysIn(String types, String... packages) {
        return noClasses().that(resideOutsideOfPackages(packages)).should(dependOnClassesThat(resideInAPackage(types)));
    }

    /** The word after {@code io.jvmlops}. */
    private static String module(JavaClass type) {
        String[] words = type.getPackageName().split("\\.", -1);
        return words.length > 2 && type.getPackageName().startsWith("io.jvmlops.") ? words[2] : "";
    }

    private static ArchCondition<JavaClass> useInternalsOfAnotherModule() {
        return new ArchCondition<>("use the internals of another module") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                item.getDirectDependenciesFromSelf().stream()
                        .filter(d -> resideInAPackage("io.jvmlops..internal..").test(d.getTargetClass())
                                && !module(d.getTargetClass()).equals(module(item)))
                        .forEach(d -> events.add(SimpleConditionEvent.satisfied(d, d.getDescription())));
            }
        };
    }

    private static DescribedPredicate<JavaAccess<?>> target(String what, AccessTest test) {
        return describe(
                what,
                access -> test.test(
                        access.getTargetOwner(),
                        access.getTarget().getName(),
                        access.getTarget() instanceof CodeUnitAccessTarget unit
                                ? unit.getRawParameterTypes()
                                : List.of()));
    }

    private interface AccessTest {
        boolean test(JavaClass owner, String name, List<JavaClass> parameters);
    }

    private static boolean takes(List<JavaClass> parameters, Class<?> type) {
        return parameters.stream().anyMatch(p -> p.isAssignableTo(type));
    }

    private static DescribedPredicate<JavaAccess<?>> readsTheTime() {
        return target(
                "it reads the machine's clock",
                (owner, name, parameters) ->
                        // InstantSource.system(), as the default of what is injected, is the one way to it.
                        owner.getPackageName().equals("java.time")
                                        && name.equals("now")
                                        && !takes(parameters, Clock.class)
                                || owner.isEquivalentTo(Clock.class)
                                        && (name.startsWith("system") || name.startsWith("tick"))
                                || owner.isEquivalentTo(System.class) && name.equals("currentTimeMillis")
                                || owner.isEquivalentTo(Date.class) && name.equals("<init>") && parameters.isEmpty()
                                || owner.getName().equals("java.util.Calendar") && name.equals("getInstance"));
    }

    private static DescribedPredicate<JavaAccess<?>> usesTheCommonPool() {
        return target(
                "it runs on the common pool",
                (owner, name, parameters) -> owner.isEquivalentTo(ForkJoinPool.class) && name.equals("commonPool")
                        || owner.isAssignableTo(CompletionStage.class)
                                && name.endsWith("Async")
                                && !takes(parameters, Executor.class)
                        || owner.isAssignableTo(BaseStream.class) && name.equals("parallel")
                        || owner.isAssignableTo(Collection.class) && name.equals("parallelStream")
                        || owner.isEquivalentTo(Arrays.class) && name.startsWith("parallel"));
    }

    private static DescribedPredicate<JavaAccess<?>> makesNamelessThreads() {
        return target(
                "it makes threads without names",
                (owner, name, parameters) ->
                        owner.isEquivalentTo(Thread.class) && name.equals("<init>") && !takes(parameters, String.class)
                                || owner.isEquivalentTo(Executors.class)
                                        && name.startsWith("new")
                                        && !takes(parameters, ThreadFactory.class)
                                || owner.getName().equals("java.util.Timer") && name.equals("<init>"));
    }

    private static DescribedPredicate<JavaAccess<?>> endsTheProcess() {
        return target(
                "it ends the process",
                (owner, name, parameters) -> (owner.isEquivalentTo(System.class) || owner.isEquivalentTo(Runtime.class))
                        && (name.equals("exit") || name.equals("halt")));
    }

    private static DescribedPredicate<JavaAccess<?>> prints() {
        return target(
                "it prints",
                (owner, name, parameters) ->
                        owner.isEquivalentTo(System.class) && (name.equals("out") || name.equals("err"))
                                || owner.isAssignableTo(Throwable.class)
                                        && name.equals("printStackTrace")
                                        && parameters.isEmpty());
    }

    private static DescribedPredicate<JavaAccess<?>> makesAnExceptionOfNoKind() {
        Set<String> kinds = Set.of("Throwable", "Exception", "RuntimeException", "Error");
        return describe(
                "it makes an exception of no kind",
                access -> access.getTarget().getName().equals("<init>")
                        && access.getTargetOwner().getPackageName().equals("java.lang")
                        && kinds.contains(access.getTargetOwner().getSimpleName())
                        // The constructor of an exception calls its parent's.
                        && !access.getOriginOwner().isAssignableTo(Throwable.class));
    }

    private static DescribedPredicate<JavaClass> arePublicApi() {
        DescribedPredicate<JavaClass> arePublic = describe("are public", HouseTest::isPublic);
        return arePublic.and(resideOutsideOfPackage("io.jvmlops..internal.."));
    }

    /** The contract suites are tests that happen to be in a jar. */
    private static DescribedPredicate<JavaClass> areNoTests() {
        return resideOutsideOfPackage("io.jvmlops.test..");
    }

    private static boolean isPublic(JavaClass type) {
        return isPublic(type.getModifiers())
                && type.getEnclosingClass().map(HouseTest::isPublic).orElse(true);
    }

    private static boolean isPublic(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    private static ArchCondition<JavaClass> nameOnlyKnownTypes() {
        return new ArchCondition<>("name only types that every user has") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                signatureTypes(item)
                        .forEach((type, where) -> events.add(new SimpleConditionEvent(
                                item, isKnown(item.getPackageName(), type), where + " names " + type.getName())));
            }
        };
    }

    private static boolean isKnown(String at, JavaClass type) {
        String name = type.getPackageName();
        return type.isPrimitive()
                || name.startsWith("io.jvmlops")
                || name.startsWith("java.") && !name.startsWith("java.sql")
                || name.equals("javax.sql")
                || name.startsWith("org.jspecify")
                || name.startsWith("org.tribuo") && at.contains(".tribuo")
                || name.startsWith("ai.onnxruntime") && at.contains(".onnx")
                || name.startsWith("io.micrometer") && at.contains(".micrometer")
                || name.startsWith("org.springframework") && at.equals("io.jvmlops.spring");
    }

    /** Every type in the signatures that a user of a public class sees, with a place that it is in. */
    private static Map<JavaClass, String> signatureTypes(JavaClass type) {
        Map<JavaClass, String> found = new LinkedHashMap<>();
        type.getSuperclass().ifPresent(t -> put(found, t, type.getName()));
        type.getInterfaces().forEach(t -> put(found, t, type.getName()));
        type.getTypeParameters().forEach(t -> put(found, t, type.getName()));
        for (JavaField field : type.getFields()) {
            if (isSeen(field)) {
                put(found, field.getType(), field.getFullName());
            }
        }
        for (JavaCodeUnit unit : type.getCodeUnits()) {
            if (isSeen(unit)) {
                put(found, unit.getReturnType(), unit.getFullName());
                unit.getParameterTypes().forEach(t -> put(found, t, unit.getFullName()));
                unit.getExceptionTypes().forEach(t -> put(found, t, unit.getFullName()));
                unit.getTypeParameters().forEach(t -> put(found, t, unit.getFullName()));
            }
        }
        return found;
    }

    private static boolean isSeen(JavaMember member) {
        return isPublic(member.getModifiers()) && !member.getModifiers().contains(JavaModifier.SYNTHETIC);
    }

    private static void put(Map<JavaClass, String> found, JavaType type, String where) {
        type.getAllInvolvedRawTypes().forEach(raw -> found.putIfAbsent(raw.getBaseComponentType(), where));
    }

    private static DescribedPredicate<JavaMethod> arePublicAccessors() {
        return describe(
                "are accessors that users see",
                method -> isSeen(method)
                        && isPublic(method.getOwner())
                        && method.getRawParameterTypes().isEmpty()
                        && !method.getModifiers().contains(JavaModifier.STATIC));
    }

    private static ArchCondition<JavaMethod> notBeNamedGet() {
        return new ArchCondition<>("be named like a record's") {
            @Override
            public void check(JavaMethod item, ConditionEvents events) {
                events.add(new SimpleConditionEvent(item, !item.getName().matches("get[A-Z].*"), item.getFullName()));
            }
        };
    }

    private static Stream<String> takesOrKeepsAnOptional(JavaClass type) {
        return Stream.concat(
                type.getFields().stream()
                        .filter(f -> f.getRawType().isEquivalentTo(Optional.class))
                        .map(JavaMember::getFullName),
                type.getCodeUnits().stream()
                        // What a lambda is compiled to takes what its stream hands it.
                        .filter(u -> isSeen(u) && isPublic(type))
                        .filter(u -> u.getRawParameterTypes().stream().anyMatch(p -> p.isEquivalentTo(Optional.class)))
                        .map(JavaMember::getFullName));
    }

    private static ArchCondition<JavaClass> declareFewExceptions() {
        Set<String> allowed = Set.of(IOException.class.getName(), InterruptedException.class.getName());
        return new ArchCondition<>("declare no checked exceptions but those of I/O and interruption") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                for (JavaCodeUnit unit : item.getCodeUnits()) {
                    for (JavaClass thrown : unit.getExceptionTypes().stream()
                            .map(JavaType::toErasure)
                            .toList()) {
                        boolean fine = !isSeen(unit)
                                || isCallersBody(item)
                                || unit.getRawParameterTypes().stream().anyMatch(HouseTest::isCallersBody)
                                || thrown.isAssignableTo(RuntimeException.class)
                                || allowed.contains(thrown.getName());
                        events.add(new SimpleConditionEvent(
                                item, fine, unit.getFullName() + " throws " + thrown.getName()));
                    }
                }
            }
        };
    }

    /** What the caller's own code throws is passed on as it is. */
    private static boolean isCallersBody(JavaClass type) {
        return type.getSimpleName().equals("Body");
    }

    @TestFactory
    Stream<DynamicTest> everyRuleHolds() {
        return RULES.entrySet().stream()
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getKey(), () -> rule.getValue().check(HOUSE)));
    }

    /** A rule that nothing breaks checks nothing. */
    @TestFactory
    Stream<DynamicTest> everyRuleIsBrokenByTheOffenders() {
        return RULES.entrySet().stream()
                .filter(rule -> !rule.getKey().matches("(monitoring|test) depends on the api only"))
                .map(rule -> DynamicTest.dynamicTest(
                        rule.getKey(),
                        () -> assertThat(rule.getValue()
                                        .allowEmptyShould(true)
                                        .evaluate(OFFENDERS)
                                        .hasViolation())
                                .isTrue()));
    }

    @Test
    void everyModuleIsSeen() {
        Set<String> modules = new TreeSet<>();
        HOUSE.forEach(type -> modules.add(module(type)));
        assertThat(modules).containsExactlyElementsOf(MODULES);
    }

    @Test
    void noPackageIsInTwoModules() {
        Map<String, Set<String>> homes = new TreeMap<>();
        for (JavaClass type : HOUSE) {
            homes.computeIfAbsent(type.getPackageName(), p -> new HashSet<>()).add(home(type));
        }
        assertThat(homes)
                .allSatisfy((name, places) -> assertThat(places).as(name).hasSize(1));
        assertThat(homes.values().stream().flatMap(Set::stream).distinct()).hasSize(MODULES.size());
    }

    /** The jar or folder that a class comes from. */
    private static String home(JavaClass type) {
        String uri = type.getSource().orElseThrow().getUri().toString();
        return uri.substring(0, uri.length() - (type.getFullName().length() + ".class".length()));
    }
}
